using static TorchSharp.torch;

namespace LocalHessian.Internal;

/// <summary>
/// What a pass needs whose graph is differentiated, perhaps twice: gradients on, and attention by kernels
/// that have a second derivative. Disposing puts both back.
/// </summary>
internal sealed class RecordingScope : IDisposable
{
    private readonly IDisposable _graded;
    private readonly SecondDerivativeScope _twice;

    /// <exception cref="InvalidOperationException">Inside <c>inference_mode</c>, where no graph can be recorded.</exception>
    public RecordingScope()
    {
        if (is_inference_mode_enabled())
            throw new InvalidOperationException("Nothing can be differentiated inside torch.inference_mode(): call this "
                + "outside of it.");
        _graded = enable_grad();
        _twice = new SecondDerivativeScope();
    }

    public void Dispose()
    {
        _twice.Dispose();
        _graded.Dispose();
    }
}
