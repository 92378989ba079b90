using TorchSharp;
using static TorchSharp.torch;

namespace CurvatureStudy;

/// <summary>
/// The loss over a plane through the weights. Both directions are random with each filter scaled to the norm of the weights'
/// own filter (Li et al. 2018), so that the distances mean the same for networks whose weights differ in size.
/// </summary>
internal static class LossSurface
{
    /// <summary>Distance from the centre to the edge.</summary>
    public const double Extent = 1;

    /// <summary>Losses, <c>[grid, grid]</c>; the centre is the network as it is, which it is again afterwards.</summary>
    public static double[,] Of(nn.Module<Tensor, Tensor> network, TrainingImages data, int grid, int seed)
    {
        using var scope = NewDisposeScope();
        using var ungraded = no_grad();
        using var generator = new Generator((ulong)seed, CPU);
        var weights = network.parameters().ToList();
        var centre = weights.Select(w => w.clone()).ToList();
        var (first, second) = (Direction(centre, generator), Direction(centre, generator));
        var losses = new double[grid, grid];
        try
        {
            for (var row = 0; row < grid; row++)
                for (var column = 0; column < grid; column++)
                {
                    using var inner = NewDisposeScope();
                    for (var i = 0; i < weights.Count; i++)
                        weights[i].copy_(centre[i] + At(column) * first[i] + At(row) * second[i]);
                    losses[row, column] = nn.functional.cross_entropy(network.call(data.Images), data.Labels).item<float>();
                }
        }
        finally
        {
            for (var i = 0; i < weights.Count; i++) weights[i].copy_(centre[i]);
        }

        return losses;

        double At(int index) => Extent * (2.0 * index / (grid - 1) - 1);
    }

    private static List<Tensor> Direction(List<Tensor> weights, Generator generator) => [.. weights.Select(w =>
    {
        var d = randn(w.shape, float32, CPU, generator: generator).to(w.device);
        long[] filter = [.. Enumerable.Range(1, (int)w.dim() - 1).Select(i => (long)i)];
        return d * (w.square().sum(filter, keepdim: true).sqrt() / d.square().sum(filter, keepdim: true).sqrt());
    })];
}
