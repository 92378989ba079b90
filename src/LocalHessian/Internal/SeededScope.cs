namespace LocalHessian.Internal;

/// <summary>
/// Random layers draw under a seed until disposed. The CPU's state is the caller's to put back (<see cref="NetworkSnapshot"/>).
/// CUDA's cannot be read, so its generators go on from a number that was drawn from one of them before: else whatever trains on
/// that device would draw the same masks again after each such scope.
/// </summary>
internal sealed class SeededScope : IDisposable
{
    private readonly long? _next;

    /// <param name="seed">The seed.</param>
    /// <param name="device">Where the layers are.</param>
    public SeededScope(long seed, Device device)
    {
        if (device.type != DeviceType.CPU)
        {
            using var drawn = randint(0, int.MaxValue, [1], ScalarType.Int64, device);
            _next = drawn.item<long>();
        }

        manual_seed(seed);
    }

    public void Dispose()
    {
        if (_next is { } next) cuda.manual_seed_all(next);
    }
}
