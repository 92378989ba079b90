using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text;

namespace GpuCheck;

/// <summary>A program of this folder, or of the system, and what it said.</summary>
internal sealed record Tool(string Program, int ExitCode, string Output, string Errors, double Seconds)
{
    private const int Terminate = 15;

    /// <summary>Whether it took longer than it may.</summary>
    public bool WasEnded { get; init; }

    public string LastLine => Output.TrimEnd().Split('\n')[^1];

    /// <summary>The last thing that it said, but for where in the program.</summary>
    public string Complaint => $"{Program} ended with {ExitCode}: {(Output + Errors).Split('\n').LastOrDefault(IsWords)?.Trim()}";

    /// <summary>Itself, if it ended well.</summary>
    public Tool Completed() => ExitCode == 0 ? this : throw new InvalidOperationException(Complaint);

    private static bool IsWords(string line) =>
        line.Trim().Length > 0 && !line.StartsWith("   at ", StringComparison.Ordinal)
            && !line.Contains("--- End of", StringComparison.Ordinal);

    /// <param name="program">A name; one of this folder where it has it.</param>
    /// <param name="arguments">Its arguments.</param>
    /// <param name="variables">What its environment has beside ours.</param>
    /// <param name="stopAt">A part of a line that it says: then it is asked to stop, once.</param>
    /// <param name="limit">How long it may take before it is ended; null for ever.</param>
    public static Tool Run(string program, IEnumerable<string> arguments, IReadOnlyDictionary<string, string>? variables = null,
        string? stopAt = null, TimeSpan? limit = null)
    {
        var own = Path.Combine(AppContext.BaseDirectory, program);
        var start = new ProcessStartInfo(File.Exists(own) ? own : program, arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var (name, value) in variables ?? new Dictionary<string, string>()) start.Environment[name] = value;
        var clock = Stopwatch.StartNew();
        using var process = Process.Start(start)!;
        var ended = false;
        using var late = new Timer(_ => End(), null, limit ?? Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        void End()
        {
            ended = true;
            process.Kill(entireProcessTree: true);
        }

        var errors = process.StandardError.ReadToEndAsync();
        var output = new StringBuilder();
        while (process.StandardOutput.ReadLine() is { } line)
        {
            output.Append(line).Append('\n');
            if (stopAt is null || !line.Contains(stopAt, StringComparison.Ordinal)) continue;
            stopAt = null; // a second signal would end it at once
            _ = Signal(process.Id, Terminate); // it may have ended by itself
        }

        process.WaitForExit();
        return new(program, process.ExitCode, output.ToString(), errors.Result, clock.Elapsed.TotalSeconds)
        {
            WasEnded = ended,
        };
    }

    [DllImport("libc", EntryPoint = "kill"), DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Signal(int process, int signal);
}
