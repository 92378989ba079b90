using LocalHessian;
using TorchSharp;
using VggCifar.Data;
using static TorchSharp.torch;

namespace CurvatureStudy;

/// <summary>The images that train, normalised, and the order they come in.</summary>
internal sealed class TrainingImages : IDisposable
{
    private const int BatchSize = 64;
    private readonly Tensor _order;

    public TrainingImages(DataSet data, StudySettings settings)
    {
        using var scope = NewDisposeScope();
        using var normalization = Normalization.Of(data.Train.Images);
        (Name, Classes) = (data.Name, data.Classes);
        var count = Math.Min(settings.Images, data.Train.Count);
        Images = normalization.Apply_(data.Train.Images[..count].to(float32)).to(settings.Device).DetachFromDisposeScope();
        Labels = data.Train.Labels[..count].clone().to(settings.Device).DetachFromDisposeScope();
        using var generator = new Generator((ulong)settings.Seed, CPU);
        _order = cat([.. Enumerable.Range(0, 400).Select(_ => randperm(count, int64, CPU, generator: generator))])
            .to(settings.Device).DetachFromDisposeScope();
    }

    public string Name { get; }

    public int Classes { get; }

    public Tensor Images { get; }

    public Tensor Labels { get; }

    /// <summary>All of them, for the curvature.</summary>
    public CurvatureData All => CurvatureData.Batch(Images, Labels);

    /// <summary>The batch of a training step.</summary>
    public (Tensor X, Tensor Y) Batch(int step)
    {
        var from = (long)step * BatchSize % (_order.shape[0] - BatchSize);
        var index = _order.narrow(0, from, BatchSize);
        return (Images.index_select(0, index), Labels.index_select(0, index));
    }

    public void Dispose()
    {
        Images.Dispose();
        Labels.Dispose();
        _order.Dispose();
    }
}
