using System.Diagnostics;
using System.Text;

namespace LocalHessian.Mpi.Tests;

/// <summary>Runs a command to its end within bounded time, and sees to it that none of its processes outlives it.</summary>
internal static class Job
{
    private const string Mark = "LOCALHESSIAN_TEST_JOB";
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    /// <summary>Runs a program as ranks.</summary>
    /// <param name="launcher">The command line in front of it; none for a process without a launcher.</param>
    /// <param name="arguments">The scenario and its arguments.</param>
    /// <param name="environment">Variables to set.</param>
    /// <param name="meanwhile">What to do to the running launcher, given its process id and what the ranks have said so
    /// far.</param>
    /// <param name="program">The program; null for this project's.</param>
    public static Ended Run(
        string[] launcher, string[] arguments, IReadOnlyDictionary<string, string>? environment = null,
        Action<int, Func<string>>? meanwhile = null, string? program = null)
    {
        string[] command = [.. launcher, "dotnet", program ?? typeof(Job).Assembly.Location, .. arguments];
        var start = new ProcessStartInfo(command[0], command[1..])
        {
            RedirectStandardOutput = true, RedirectStandardError = true,
        };
        var mark = Guid.NewGuid().ToString("N");
        start.Environment[Mark] = mark;
        start.Environment["OMPI_ALLOW_RUN_AS_ROOT"] = start.Environment["OMPI_ALLOW_RUN_AS_ROOT_CONFIRM"] = "1";
        start.Environment["OMP_NUM_THREADS"] = "1";
        foreach (var (name, value) in environment ?? new Dictionary<string, string>()) start.Environment[name] = value;

        var (output, errors) = (new StringBuilder(), new StringBuilder());
        using var process = new Process { StartInfo = start };
        process.OutputDataReceived += (_, line) => Append(output, line.Data);
        process.ErrorDataReceived += (_, line) => Append(errors, line.Data);
        process.Start();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        try
        {
            meanwhile?.Invoke(process.Id, () => Read(output));
            if (!process.WaitForExit(Patience)) throw new TimeoutException($"The job hangs.\n{Read(output)}\n{Read(errors)}");
            process.WaitForExit(); // its output too
            Left(mark, TimeSpan.FromSeconds(20)).Should().BeEmpty("no process outlives its job");
            return new Ended(process.ExitCode, Read(output), Read(errors));
        }
        finally
        {
            foreach (var id in Left(mark, TimeSpan.Zero)) Kill(id);
        }
    }

    /// <summary>Waits until the ranks have said something.</summary>
    public static void Await(int launcher, Func<string> output, string text)
    {
        var clock = Stopwatch.StartNew();
        while (!output().Contains(text, StringComparison.Ordinal))
        {
            var ended = Directory.Exists("/proc") && !Directory.Exists($"/proc/{launcher}");
            if (ended || clock.Elapsed > Patience) throw new TimeoutException($"Nobody says '{text}':\n{output()}");
            Thread.Sleep(20);
        }
    }

    /// <summary>The process of a rank that Open MPI's launcher has started.</summary>
    public static int RankOf(int launcher, int rank) => Directory.EnumerateDirectories("/proc")
        .Where(folder => IsChild(folder, launcher)
            && Environ(folder).Contains($"OMPI_COMM_WORLD_RANK={rank}\0", StringComparison.Ordinal))
        .Select(folder => int.Parse(Path.GetFileName(folder), System.Globalization.CultureInfo.InvariantCulture)).First();

    public static void Signal(int id, string name) => Process.Start("kill", ["-" + name, $"{id}"]).WaitForExit();

    private static void Append(StringBuilder text, string? line)
    {
        lock (text) text.AppendLine(line);
    }

    private static string Read(StringBuilder text)
    {
        lock (text) return text.ToString();
    }

    // The processes are found by the mark that they have inherited; where there is no /proc none is.
    private static List<int> Left(string mark, TimeSpan patience)
    {
        var clock = Stopwatch.StartNew();
        while (true)
        {
            var left = Marked(mark);
            if (left.Count == 0 || clock.Elapsed > patience) return left;
            Thread.Sleep(50);
        }
    }

    private static List<int> Marked(string mark)
    {
        var found = new List<int>();
        if (!Directory.Exists("/proc")) return found;
        foreach (var folder in Directory.EnumerateDirectories("/proc"))
        {
            if (!int.TryParse(Path.GetFileName(folder), out var id) || id == Environment.ProcessId) continue;
            if (Environ(folder).Contains(mark, StringComparison.Ordinal)) found.Add(id);
        }

        return found;
    }

    private static bool IsChild(string folder, int parent) =>
        Read(folder, "status").Contains($"\nPPid:\t{parent}\n", StringComparison.Ordinal);

    private static string Environ(string folder) => Read(folder, "environ");

    private static string Read(string folder, string file)
    {
        try
        {
            return File.ReadAllText(Path.Combine(folder, file));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return ""; // gone by now, or another user's
        }
    }

    private static void Kill(int id)
    {
        try
        {
            using var process = Process.GetProcessById(id);
            process.Kill();
        }
        catch (Exception e) when (e is ArgumentException or InvalidOperationException)
        {
            // Gone by now.
        }
    }
}

/// <summary>How a job ended.</summary>
internal sealed record Ended(int Code, string Output, string Errors)
{
    /// <summary>
    /// The rest of the lines that contain the word, a rank each. .NET may put a terminal escape in front of a line.
    /// </summary>
    public IReadOnlyList<string> Said(string word) =>
        [.. Output.Split('\n').Where(l => l.Contains(word, StringComparison.Ordinal))
            .Select(l => l[(l.IndexOf(word, StringComparison.Ordinal) + word.Length)..].Trim())];
}
