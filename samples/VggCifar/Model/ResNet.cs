using LocalHessian.Parallel;
using TorchSharp;
using VggCifar.Ranks;
using static TorchSharp.torch;

namespace VggCifar.Model;

/// <summary>
/// The 20-layer residual network for CIFAR of He, Zhang, Ren and Sun (2016), section 4.2: a convolution, three stages of
/// three blocks at 16, 32 and 64 channels, shortcuts without parameters, mean over positions, one linear layer.
/// </summary>
internal static class ResNet
{
    public const string Name = "resnet20";
    private const int BlocksPerStage = 3;

    /// <summary>
    /// Builds the network for 3×32×32 images; channel counts are multiplied by <paramref name="width"/>, at least 1.
    /// </summary>
    public static nn.Module<Tensor, Tensor> Create(double width, int classes, IRanks? together = null)
    {
        var channels = Scaled(16, width);
        var modules = new List<(string, nn.Module<Tensor, Tensor>)>
        {
            ("conv", nn.Conv2d(3, channels, 3, padding: 1, bias: false)),
            ("norm", Norms.Of(channels, together)),
            ("relu", nn.ReLU(inplace: true)),
        };
        for (var stage = 1; stage <= 3; stage++)
            for (var block = 1; block <= BlocksPerStage; block++)
            {
                var next = Scaled(16 << (stage - 1), width);
                modules.Add(
                    ($"block{stage}_{block}", new ResidualBlock(channels, next, stage > 1 && block == 1 ? 2 : 1, together)));
                channels = next;
            }
        modules.Add(("pool", nn.AdaptiveAvgPool2d(1)));
        modules.Add(("flatten", nn.Flatten()));
        var linear = nn.Linear(channels, classes);
        nn.init.zeros_(linear.bias);
        modules.Add(("linear", linear));
        return nn.Sequential(modules);
    }

    private static int Scaled(int channels, double width) => Math.Max(1, (int)Math.Round(channels * width));
}
