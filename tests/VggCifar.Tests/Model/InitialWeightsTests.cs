using VggCifar.Model;
using static TorchSharp.torch;

namespace VggCifar.Tests.Model;

public class InitialWeightsTests
{
    [Fact]
    public void The_seed_alone_decides_the_weights()
    {
        using var scope = NewDisposeScope();
        manual_seed(1);
        var first = Draw(seed: 3);
        manual_seed(2);
        var (second, other) = (Draw(seed: 3), Draw(seed: 4));

        second.Zip(first).Should().OnlyContain(p => p.First.Equals(p.Second));
        other.Zip(first).Should().OnlyContain(p => !p.First.Equals(p.Second));
    }

    [Fact]
    public void The_scale_multiplies_the_convolutions_and_spares_the_head()
    {
        using var scope = NewDisposeScope();
        var (plain, scaled) = (Draw(3), Draw(3, scale: 0.5));

        for (var i = 0; i < plain.Count - 1; i++) scaled[i].Equals(0.5 * plain[i]).Should().BeTrue();
        scaled[^1].Equals(plain[^1]).Should().BeTrue();
    }

    [Fact]
    public void Weights_are_uniform_within_one_over_the_root_of_the_inputs()
    {
        using var scope = NewDisposeScope();
        foreach (var weight in Draw(5).Where(w => w.numel() > 2000))
        {
            var bound = 1 / Math.Sqrt(weight.numel() / (double)weight.shape[0]);
            weight.abs().max().item<float>().Should().BeInRange((float)(0.99 * bound), (float)bound);
            // a uniform distribution's standard deviation is its half width over √3; 2000 draws give it to some 2 percent
            (weight.std().item<float>() * Math.Sqrt(3) / bound).Should().BeApproximately(1, 0.06);
        }
    }

    private static List<Tensor> Draw(long seed, double scale = 1)
    {
        using var network = Networks.Create("vgg11", 0.0625, 10);
        InitialWeights.Draw(network, seed, scale);
        return [.. network.parameters().Select(p => p.detach().clone())];
    }
}
