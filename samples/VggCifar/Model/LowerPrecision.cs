using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace VggCifar.Model;

/// <summary>
/// The forward pass of a chain of layers with convolutions and linear layers in bfloat16. Weights stay float32 and are
/// converted in the pass, so that gradients and steps are float32; batch norm computes its statistics in float32. TorchSharp
/// 0.107 has no autocast.
/// </summary>
internal static class LowerPrecision
{
    public static readonly IReadOnlyList<string> Names = ["float32", "bfloat16"];

    /// <summary>Logits in float32.</summary>
    public static Tensor BFloat16(nn.Module<Tensor, Tensor> network, Tensor images)
    {
        var x = images.to(bfloat16);
        foreach (var layer in network.children())
            x = layer switch
            {
                Conv2d c =>
                    nn.functional.conv2d(
                        x, c.weight.to(bfloat16), c.bias?.to(bfloat16), c.stride, c.padding, c.dilation, c.groups),
                Linear l => nn.functional.linear(x, l.weight.to(bfloat16), l.bias?.to(bfloat16)),
                nn.Module<Tensor, Tensor> other => other.call(x),
                _ => throw new ArgumentException($"{layer.GetName()} does not map one tensor to one tensor.", nameof(network)),
            };
        return x.to(float32);
    }
}
