using System.Runtime.InteropServices;

namespace LocalHessian.Internal;

/// <summary>A network, and how it is called with a list of tensors.</summary>
internal sealed class NetworkForward(nn.Module network, Func<IReadOnlyList<Tensor>, Tensor> call)
{
    public nn.Module Network { get; } = Argument.ThrowIfNull(network);

    /// <summary>The call that a network's type says: of one to three tensors or of a tuple of two; null for another.</summary>
    public static Func<IReadOnlyList<Tensor>, Tensor>? ByType(nn.Module network) => network switch
    {
        nn.Module<Tensor, Tensor> one => x => one.call(Exactly(1, x)[0]),
        nn.Module<Tensor, Tensor, Tensor> two => x => two.call(Exactly(2, x)[0], x[1]),
        nn.Module<Tensor, Tensor, Tensor, Tensor> three => x => three.call(Exactly(3, x)[0], x[1], x[2]),
        nn.Module<(Tensor, Tensor), Tensor> tuple => x => tuple.call((Exactly(2, x)[0], x[1])),
        _ => null,
    };

    /// <exception cref="ArgumentException">The network does not take the inputs, or returns null.</exception>
    public Tensor Run(IReadOnlyList<Tensor> inputs)
    {
        try
        {
            return call(inputs) ?? throw new ArgumentException("The network returned null; its output must be a tensor.");
        }
        catch (ExternalException e)
        {
            var on = inputs.Count == 0 ? "" : $" on {string.Join(" and ", inputs.Select(Describe.Tensor))}";
            throw new ArgumentException($"The network cannot be run{on}: {Describe.FirstLine(e)}", e);
        }
    }

    private static IReadOnlyList<Tensor> Exactly(int count, IReadOnlyList<Tensor> inputs) => inputs.Count == count ? inputs
        : throw new ArgumentException($"The network takes {count} inputs and a batch has {inputs.Count}.", nameof(inputs));
}
