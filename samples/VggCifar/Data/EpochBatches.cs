using TorchSharp;
using static TorchSharp.torch;

namespace VggCifar.Data;

/// <summary>
/// The batches of one epoch: order and augmentation are drawn from (seed, epoch) alone. So every optimizer sees the same
/// batches, and a run resumed in the middle of an epoch draws them again instead of saving a generator.
/// </summary>
internal sealed class EpochBatches : IDisposable
{
    private readonly ImageSet _images;
    private readonly Normalization _normalization;
    private readonly Augmentation _augmentation;
    private readonly Tensor _order;
    private readonly Tensor? _maps;
    private readonly int _batchSize;
    private readonly string _memoryFormat;
    private readonly Func<long, long, (long From, long To)> _share;

    public EpochBatches(
        ImageSet images, Normalization normalization, Augmentation augmentation, int batchSize, long seed, int epoch,
        string memoryFormat = MemoryLayout.Auto, Func<long, long, (long From, long To)>? share = null)
    {
        _share = share ?? ((from, to) => (from, to));
        (_images, _normalization, _augmentation, _batchSize, _memoryFormat) =
            (images, normalization, augmentation, batchSize, memoryFormat);
        using var scope = NewDisposeScope();
        using var generator = new Generator((ulong)Randomness.Seed(seed, epoch), CPU);
        _order = randperm(images.Count, ScalarType.Int64, CPU, generator: generator).to(images.Images.device)
            .DetachFromDisposeScope();
        _maps = augmentation.Maps?.Invoke(images.Count, generator).to(float32).to(images.Images.device).DetachFromDisposeScope();
        Count = (images.Count + batchSize - 1) / batchSize;
    }

    /// <summary>How many batches the epoch has; the last may be smaller.</summary>
    public int Count { get; }

    /// <summary>
    /// Normalized float images (B×3×32×32) and labels (B) of one batch, or of this process's share of it, which may be empty.
    /// </summary>
    public (Tensor Images, Tensor Labels) this[int batch]
    {
        get
        {
            var (from, to) = _share((long)batch * _batchSize, Math.Min((long)(batch + 1) * _batchSize, _images.Count));
            var index = _order.slice(0, from, to, 1);
            var x = _images.Images.index_select(0, index).to(float32);
            if (_maps is not null)
                x = _augmentation.Apply(x, _maps.slice(0, from, to, 1));
            return (MemoryLayout.Of(_normalization.Apply_(x), _memoryFormat), _images.Labels.index_select(0, index));
        }
    }

    public void Dispose()
    {
        _order.Dispose();
        _maps?.Dispose();
    }
}
