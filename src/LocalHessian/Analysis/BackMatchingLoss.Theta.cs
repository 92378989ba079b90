using static TorchSharp.torch;

namespace LocalHessian;

public sealed partial class BackMatchingLoss
{
    private bool? _dependsOnInput, _dependsOnWeight;

    private LeafVector InputTheta(long? sample = null)
    {
        if (!(_dependsOnInput ??= Alive()._graph.DependsOn([_graph.Input])))
            throw new IndependentBlockException(Name, "its input", "Is it detached on the way, or constant?");
        if (sample is null) return new LeafVector([_graph.Input]);
        if (sample < 0 || sample >= Samples)
            throw new ArgumentOutOfRangeException(nameof(sample), sample, $"The batch has the samples 0 to {Samples - 1}.");
        var features = _graph.Input.numel() / Samples;
        return new LeafVector([_graph.Input], arange(sample.Value * features, (sample.Value + 1) * features, ScalarType.Int64, _graph.Input.device));
    }

    private LeafVector WeightTheta(long? channel = null)
    {
        if (Alive()._graph.Weights.Count == 0)
            throw new InvalidOperationException($"Block '{Name}' has no weight of a linear layer or convolution; name its weights when creating the loss.");
        if (!(_dependsOnWeight ??= _graph.DependsOn(_graph.Weights)))
            throw new IndependentBlockException(Name, "its weight", "Is the layer called, and its result used?");
        if (channel is null) return new LeafVector(_graph.Weights);
        if (_graph.Weights.Count > 1)
            throw new InvalidOperationException($"Block '{Name}' has {_graph.Weights.Count} weights; an output channel is one of a single weight.");

        var layout = new ChannelLayout(_source, _graph.Weights[0]);
        if (channel < 0 || channel >= layout.Channels)
            throw new ArgumentOutOfRangeException(nameof(channel), channel, $"The weight has the output channels 0 to {layout.Channels - 1}.");
        return new LeafVector(_graph.Weights, layout.Entries(channel.Value));
    }
}
