using System.Runtime.InteropServices;

namespace VggCifar.Training;

/// <summary>
/// Ctrl-C (SIGINT) and SIGTERM ask for an end after the current step; the run is saved and the program ends with 128 plus the signal's
/// number. A second signal ends the program at once, which loses the epoch but never a file.
/// </summary>
internal sealed class Interruption : IDisposable
{
    private readonly PosixSignalRegistration[] _registrations;
    private volatile int _exitCode;

    public Interruption() => _registrations =
        [Listen(PosixSignal.SIGINT, 130), Listen(PosixSignal.SIGTERM, 143)];

    /// <summary>130 or 143 once a signal has come, else 0.</summary>
    public int ExitCode => _exitCode;
    public bool Requested => _exitCode != 0;

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
