using TorchSharp;
using VggCifar.Ranks;
using static TorchSharp.torch;

namespace VggCifar.Training;

/// <summary>Sums loss and right answers on the device, so that a step never waits for a number.</summary>
internal sealed class Metric(Device device) : IDisposable
{
    private readonly Tensor _sums = zeros(2, dtype: ScalarType.Float64, device: device).DetachFromDisposeScope();

    public long Images { get; private set; }

    /// <summary>Adds a batch: its mean loss, its outputs (B×classes) and labels (B).</summary>
    public void Add(Tensor loss, Tensor output, Tensor labels)
    {
        if (labels.shape[0] == 0)
            return;
        using var noGradient = no_grad();
        var right = output.argmax(1).eq(labels).sum();
        _sums.add_(stack([loss.detach().to(ScalarType.Float64) * labels.shape[0], right.to(ScalarType.Float64)]));
        Images += labels.shape[0];
    }

    /// <summary>Mean loss and accuracy so far; waits for the device.</summary>
    public (double Loss, double Accuracy) Read()
    {
        var sums = Sums();
        return (sums[0] / Images, sums[1] / Images);
    }

    /// <summary>Sums and images of all ranks.</summary>
    public (double[] Sums, long Images) Over(Team team)
    {
        var all = team.Sum([.. Sums(), Images]);
        return (all[..2], (long)all[2]);
    }

    /// <summary>The bare sums, for a checkpoint.</summary>
    public double[] Sums()
    {
        using var host = _sums.cpu();
        return [.. host.data<double>()];
    }

    /// <summary>Goes on from saved sums.</summary>
    public void Restore(double[] sums, long images)
    {
        using var noGradient = no_grad();
        using var saved = tensor(sums, ScalarType.Float64, CPU);
        _sums.copy_(saved);
        Images = images;
    }

    public void Dispose() => _sums.Dispose();
}
