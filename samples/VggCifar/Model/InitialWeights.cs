using TorchSharp;
using static TorchSharp.torch;

namespace VggCifar.Model;

/// <summary>
/// Draws a network's first weights from its own seeded generator, so that every optimizer starts from the same ones.
/// </summary>
internal static class InitialWeights
{
    /// <summary>
    /// PyTorch's default, uniform within ±1/√(inputs of a feature); gains and shifts stay one and zero.
    /// <paramref name="scale"/> multiplies the convolutions' weights; batch norm makes the network compute the same function
    /// whatever it is.
    /// </summary>
    public static void Draw(nn.Module network, long seed, double scale = 1)
    {
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        using var generator = new Generator((ulong)seed, CPU);
        foreach (var weight in network.parameters())
        {
            if (weight.ndim < 2)
                continue;
            var bound = 1 / Math.Sqrt(weight.shape[1..].Aggregate(1L, (a, b) => a * b));
            var values = rand(weight.shape, dtype: weight.dtype, device: CPU, generator: generator).mul_(2 * bound).sub_(bound);
            weight.copy_(weight.ndim > 2 ? values.mul_(scale) : values);
        }
    }
}
