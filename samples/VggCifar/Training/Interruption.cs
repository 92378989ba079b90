using System.Runtime.InteropServices;
using VggCifar.Ranks;

namespace VggCifar.Training;

/// <summary>
/// Ctrl-C (SIGINT), SIGTERM and SIGUSR1, which schedulers send ahead of their limits, ask for an end after the current step;
/// the run is saved and the program ends with 128 plus the signal's number. A second signal ends the program at once, which
/// loses the epoch but never a file.
/// </summary>
internal sealed class Interruption : IDisposable
{
    /// <summary>SIGUSR1 on Linux and on macOS; .NET takes the system's own numbers for signals without a name.</summary>
    private static readonly int UserSignal = OperatingSystem.IsMacOS() ? 30 : 10;

    private static readonly int[] Codes = [130, 143, 128 + UserSignal];

    private readonly List<PosixSignalRegistration> _registrations;
    private volatile int _exitCode;

    public Interruption()
    {
        _registrations = [Listen(PosixSignal.SIGINT, Codes[0]), Listen(PosixSignal.SIGTERM, Codes[1])];
        if (!OperatingSystem.IsWindows())
            _registrations.Add(Listen((PosixSignal)UserSignal, Codes[2]));
    }

    /// <summary>130, 143 or 138 (on macOS 158) once a signal has come, else 0.</summary>
    public int ExitCode => _exitCode;
    public bool Requested => _exitCode != 0;

    /// <summary>The exit code that all ranks end with, if a signal has come to any.</summary>
    public int ExitCodeOf(Team team)
    {
        var came = team.Sum([.. Codes.Select(code => code == _exitCode ? 1.0 : 0)]);
        var first = Array.FindIndex(came, count => count > 0);
        return first < 0 ? 0 : Codes[first];
    }

    public void Dispose()
    {
        foreach (var registration in _registrations)
            registration.Dispose();
    }

    private PosixSignalRegistration Listen(PosixSignal signal, int exitCode) => PosixSignalRegistration.Create(signal, context =>
    {
        context.Cancel = !Requested;
        _exitCode = exitCode;
    });
}
