namespace LocalHessian.Internal;

/// <summary>
/// What a pass needs whose graph is differentiated, perhaps twice: gradients on, attention by kernels that have a second
/// derivative, and float32 as precise as it is called. Disposing puts all back.
/// </summary>
internal sealed class RecordingScope : IDisposable
{
    private readonly IDisposable _graded;
    private readonly SecondDerivativeScope _twice;
    private readonly FullPrecisionScope _precise;

    /// <exception cref="InvalidOperationException">Inside <c>inference_mode</c>, where no graph can be recorded.</exception>
    public RecordingScope()
    {
        if (is_inference_mode_enabled())
            throw new InvalidOperationException("Nothing can be differentiated inside torch.inference_mode(): call this "
                + "outside of it.");
        _graded = enable_grad();
        _twice = new SecondDerivativeScope();
        _precise = new FullPrecisionScope();
    }

    public void Dispose()
    {
        _precise.Dispose();
        _twice.Dispose();
        _graded.Dispose();
    }
}
