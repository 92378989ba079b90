using TorchSharp;
using VggCifar.Data;
using VggCifar.Ranks;
using static TorchSharp.torch;

namespace VggCifar.Training;

/// <summary>Loss and accuracy of a network on images it is not trained on.</summary>
internal static class Evaluation
{
    private const int ImagesAtOnce = 500;

    /// <summary>Mean loss and the fraction of images classified rightly, with batch norm's running statistics.</summary>
    /// <param name="network">The network, the same on all ranks.</param>
    /// <param name="images">The images.</param>
    /// <param name="normalization">How they are normalized.</param>
    /// <param name="imagesAtOnce">How many at a time.</param>
    /// <param name="memoryFormat">Their order in memory.</param>
    /// <param name="team">
    /// The ranks, which share the images out and come to the same numbers; null for this process alone.
    /// </param>
    public static (double Loss, double Accuracy) Of(
        nn.Module<Tensor, Tensor> network, ImageSet images, Normalization normalization, int imagesAtOnce = ImagesAtOnce,
        string memoryFormat = MemoryLayout.Auto, Team? team = null)
    {
        team ??= Team.Alone;
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        using var metric = new Metric(images.Images.device);
        network.eval();
        try
        {
            for (var at = (long)imagesAtOnce * team.Rank; at < images.Count; at += (long)imagesAtOnce * team.Size)
            {
                using var chunk = NewDisposeScope();
                var to = Math.Min(at + imagesAtOnce, images.Count);
                var x = MemoryLayout.Of(normalization.Apply_(images.Images.slice(0, at, to, 1).to(float32)), memoryFormat);
                var labels = images.Labels.slice(0, at, to, 1);
                var output = network.call(x);
                metric.Add(nn.functional.cross_entropy(output, labels), output, labels);
            }
        }
        finally
        {
            network.train();
        }
        var (sums, count) = metric.Over(team);
        return (sums[0] / count, sums[1] / count);
    }
}
