using System.Diagnostics;

namespace VggCifar.Tests.Reliability;

/// <summary>The program in a process of its own.</summary>
internal sealed class Child : IDisposable
{
    private readonly Process _process;
    private readonly Task<string> _errors;
    private readonly List<string> _lines = [];

    /// <param name="arguments">The command line.</param>
    /// <param name="shell">What a shell does before it becomes the program; null for no shell.</param>
    public Child(IEnumerable<string> arguments, string? shell = null)
    {
        var program = Path.Combine(AppContext.BaseDirectory, "VggCifar.dll");
        var start = new ProcessStartInfo(shell is null ? "dotnet" : "/bin/sh")
        {
            RedirectStandardOutput = true, RedirectStandardError = true,
        };
        string[] before = shell is null ? [program] : ["-c", shell + " exec dotnet \"$@\"", "sh", program];
        foreach (var argument in before.Concat(arguments))
            start.ArgumentList.Add(argument);
        _process = new Process { StartInfo = start };
        _process.OutputDataReceived += (_, line) =>
        {
            lock (_lines)
                _lines.Add(line.Data ?? "");
        };
        _process.Start();
        _process.BeginOutputReadLine();
        _errors = _process.StandardError.ReadToEndAsync();
    }

    /// <summary>What it has said so far.</summary>
    public string Output
    {
        get
        {
            lock (_lines)
                return string.Join('\n', _lines);
        }
    }

    public bool HasExited => _process.HasExited;

    /// <summary>Kills it as the kernel does, without a chance to tidy up.</summary>
    public void Kill() => _process.Kill();

    public void Signal(string name) =>
        Process.Start("kill", ["-" + name, _process.Id.ToString(System.Globalization.CultureInfo.InvariantCulture)])
            .WaitForExit();

    public Outcome Wait()
    {
        if (!_process.WaitForExit(TimeSpan.FromMinutes(5)))
        {
            _process.Kill();
            throw new TimeoutException(Output);
        }
        _process.WaitForExit(); // its output too
        return new Outcome(_process.ExitCode, Output, _errors.Result.Trim());
    }

    public void Dispose()
    {
        if (!_process.HasExited)
            _process.Kill();
        _process.Dispose();
    }
}
