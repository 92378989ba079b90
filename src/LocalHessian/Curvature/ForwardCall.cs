using LocalHessian.Internal;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace LocalHessian;

/// <summary>How a network is called with the inputs of a batch, and under what conditions.</summary>
internal sealed class ForwardCall
{
    private readonly Func<IReadOnlyList<Tensor>, Tensor> _forward;

    public ForwardCall(nn.Module network, Func<IReadOnlyList<Tensor>, Tensor>? forward)
    {
        Network = network;
        _forward = forward ?? ByType(network);
    }

    public nn.Module Network { get; }

    /// <summary>
    /// The network's output, with a graph. Statistics, flags and the CPU's random state are left as before; random layers draw
    /// under the seed.  </summary>
    public Tensor Run(IReadOnlyList<Tensor> inputs, long seed)
    {
        using var snapshot = new NetworkSnapshot(Network);
        using var held = new HeldStatistics(Network);
        using var recording = new RecordingScope();
        manual_seed(seed);
        // Copies, because a network may work in place on its input.
        return _forward([.. inputs.Select(i => i.detach().clone())]);
    }

    /// <summary>
    /// The name of a layer that makes a sample depend on its batch: a batch norm which takes the batch's statistics; null if
    /// there is none.  </summary>
    public string? CouplingLayer() => Network.named_modules().Prepend(("", Network))
        .Where(m => m.Item2 is BatchNorm norm && (norm.training || norm.running_mean is null))
        .Select(m => m.Item1).FirstOrDefault();

    private static Func<IReadOnlyList<Tensor>, Tensor> ByType(nn.Module network) => network switch
    {
        nn.Module<Tensor, Tensor> one => inputs => one.call(Exactly(1, inputs)[0]),
        nn.Module<Tensor, Tensor, Tensor> two => inputs => two.call(Exactly(2, inputs)[0], inputs[1]),
        nn.Module<Tensor, Tensor, Tensor, Tensor> three => inputs => three.call(Exactly(3, inputs)[0], inputs[1], inputs[2]),
        nn.Module<(Tensor, Tensor), Tensor> tuple => inputs => tuple.call((Exactly(2, inputs)[0], inputs[1])),
        _ => throw new ArgumentException(
            $"A {network.GetType().Name} is called neither with one to three tensors nor with a tuple of two: say how with "
                + $"CurvatureOptions.Forward.", nameof(network)),
    };

    private static IReadOnlyList<Tensor> Exactly(int count, IReadOnlyList<Tensor> inputs) => inputs.Count == count ? inputs
        : throw new ArgumentException($"The network takes {count} inputs and a batch has {inputs.Count}.", nameof(inputs));
}
