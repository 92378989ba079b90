using System.Diagnostics;
using System.Globalization;

namespace VggCifar.Tests.Reliability;

/// <summary>A process that saves to one file so many times; with 0, begins to and never ends.</summary>
internal sealed class Saver : IDisposable
{
    private readonly Process _process;
    private readonly Task<string> _errors;

    public Saver(string path, int fill, int times)
    {
        var start = new ProcessStartInfo("dotnet") { RedirectStandardError = true };
        foreach (var argument in new[]
        {
            typeof(Saver).Assembly.Location, path, fill.ToString(CultureInfo.InvariantCulture),
            times.ToString(CultureInfo.InvariantCulture),
        })
            start.ArgumentList.Add(argument);
        _process = Process.Start(start)!;
        _errors = _process.StandardError.ReadToEndAsync();
    }

    public bool HasExited => _process.HasExited;

    public void Kill()
    {
        _process.Kill();
        _process.WaitForExit();
    }

    /// <summary>What it said on standard error: nothing when every save went well.</summary>
    public string Errors()
    {
        _process.WaitForExit();
        return _errors.Result + (_process.ExitCode == 0 ? "" : $"exit code {_process.ExitCode}");
    }

    public void Dispose()
    {
        if (!_process.HasExited)
            Kill();
        _process.Dispose();
    }
}
