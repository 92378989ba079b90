using TorchSharp;
using VggCifar.Data;
using static TorchSharp.torch;

namespace VggCifar.Training;

/// <summary>Loss and accuracy of a network on images it is not trained on.</summary>
internal static class Evaluation
{
    private const int ImagesAtOnce = 500;

    /// <summary>Mean loss and the fraction of images classified rightly, with batch norm's running statistics.</summary>
    public static (double Loss, double Accuracy) Of(nn.Module<Tensor, Tensor> network, ImageSet images, Normalization normalization, int imagesAtOnce = ImagesAtOnce, string memoryFormat = MemoryLayout.Auto)
    {
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        using var metric = new Metric(images.Images.device);
        network.eval();
        try
        {
            for (var at = 0L; at < images.Count; at += imagesAtOnce)
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
        return metric.Read();
    }
}
