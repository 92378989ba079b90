using System.Diagnostics;

namespace GpuCheck;

/// <summary>A program of this folder, or of the system, and what it said.</summary>
internal sealed record Tool(int ExitCode, string Output, string Errors, double Seconds)
{
    public string LastLine => Output.TrimEnd().Split('\n')[^1];

    public string Complaint => $"exit code {ExitCode}: {(Errors.Trim() is { Length: > 0 } e ? e : Output).Trim().Split('\n')[^1]}";

    /// <param name="program">A name; one of this folder where it has it.</param>
    /// <param name="arguments">Its arguments.</param>
    /// <param name="variables">What its environment has beside ours.</param>
    /// <param name="whileRunning">Is shown what it has said, line by line; null for nobody.</param>
    public static Tool Run(
        string program, IEnumerable<string> arguments, IReadOnlyDictionary<string, string>? variables = null, Action<Process, string>? whileRunning = null)
    {
        var own = Path.Combine(AppContext.BaseDirectory, program);
        var start = new ProcessStartInfo(File.Exists(own) ? own : program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var (name, value) in variables ?? new Dictionary<string, string>()) start.Environment[name] = value;
        var clock = Stopwatch.StartNew();
        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync();
        var output = new System.Text.StringBuilder();
        while (process.StandardOutput.ReadLine() is { } line)
        {
            output.Append(line).Append('\n');
            whileRunning?.Invoke(process, line);
        }

        process.WaitForExit();
        return new(process.ExitCode, output.ToString(), errors.Result, clock.Elapsed.TotalSeconds);
    }
}
