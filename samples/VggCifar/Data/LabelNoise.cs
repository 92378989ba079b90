using static TorchSharp.torch;

namespace VggCifar.Data;

/// <summary>Wrong labels on purpose: what an optimizer makes of data that cannot be learned.</summary>
internal static class LabelNoise
{
    private const ulong Seed = 20181203;

    /// <summary>
    /// Replaces the labels of a share of the training images, the same ones whatever the run's seed, by draws from all classes;
    /// the right one is among them.
    /// </summary>
    /// <param name="data">The data; its labels are changed in place.</param>
    /// <param name="share">From 0 up to 1.</param>
    public static DataSet Add(DataSet data, double share)
    {
        if (share == 0)
            return data;
        using var scope = NewDisposeScope();
        using var random = new Generator(Seed, CPU);
        var labels = data.Train.Labels;
        var drawn = randint(0, data.Classes, labels.shape, ScalarType.Int64, CPU, generator: random);
        var replaced = rand(labels.shape, ScalarType.Float64, CPU, generator: random) < share;
        labels.copy_(where(replaced, drawn, labels));
        return data;
    }
}
