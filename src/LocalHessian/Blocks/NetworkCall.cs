using System.Runtime.InteropServices;
using LocalHessian.Internal;
using static TorchSharp.torch;

namespace LocalHessian.Blocks;

/// <summary>A network and what it is run on: the one thing that everything here which runs a network takes.</summary>
/// <remarks>It borrows the network and the inputs, and owns no tensor.</remarks>
/// <example>
/// <code>
/// NetworkCall.Of(network, images)
/// NetworkCall.Of(twoInputs, left, right)
/// NetworkCall.Of(twoOutputs, () => { var (mean, deviation) = twoOutputs.call(x); return cat([mean, deviation], 1); })
/// </code>
/// </example>
public sealed class NetworkCall
{
    private readonly Func<IReadOnlyList<Tensor>, Tensor> _forward;

    private NetworkCall(nn.Module network, IReadOnlyList<Tensor> inputs, Func<IReadOnlyList<Tensor>, Tensor> forward)
    {
        ArgumentNullException.ThrowIfNull(network);
        foreach (var input in inputs) ThrowIfNoBatch(input);
        (Network, Inputs, _forward) = (network, inputs, forward);
    }

    /// <summary>A network that maps one tensor to one tensor.</summary>
    /// <param name="network">The network.</param>
    /// <param name="input">A batch, batch dimension first, of any dtype (token numbers are integers).</param>
    /// <exception cref="ArgumentException">The input is no batch, or has an entry that is NaN or infinite.</exception>
    public static NetworkCall Of(nn.Module<Tensor, Tensor> network, Tensor input) =>
        new(network, [input], x => network.call(x[0]));

    /// <summary>A network with two inputs.</summary>
    /// <param name="network">The network.</param>
    /// <param name="first">Its first input, batch dimension first.</param>
    /// <param name="second">Its second input, with as many samples.</param>
    /// <exception cref="ArgumentException">
    /// An input is no batch, or has an entry that is NaN or infinite; the numbers of samples differ.
    /// </exception>
    public static NetworkCall Of(nn.Module<Tensor, Tensor, Tensor> network, Tensor first, Tensor second)
    {
        var call = new NetworkCall(network, [first, second], x => network.call(x[0], x[1]));
        if (first.shape[0] != second.shape[0])
            throw new ArgumentException($"The inputs have {first.shape[0]} and {second.shape[0]} samples; they must agree.",
                nameof(second));
        return call;
    }

    /// <summary>A network called in any other way: more inputs, several outputs joined to one tensor.</summary>
    /// <remarks>What the function reads beside the network is a constant; derivatives are not taken with respect to it.</remarks>
    /// <param name="network">The network, whose modules and parameters are examined.</param>
    /// <param name="forward">Calls the network; returns one tensor, batch dimension first.</param>
    public static NetworkCall Of(nn.Module network, Func<Tensor> forward)
    {
        ArgumentNullException.ThrowIfNull(forward);
        return new(network, [], _ => forward());
    }

    /// <summary>The network.</summary>
    public nn.Module Network { get; }

    /// <summary>The inputs that are known; none where a function calls the network.</summary>
    public IReadOnlyList<Tensor> Inputs { get; }

    /// <summary>The same network on the first samples; null where a function calls it.</summary>
    internal NetworkCall? First(long samples) =>
        Inputs.Count == 0 ? null : new(Network, [.. Inputs.Select(x => x.narrow(0, 0, Math.Min(samples, x.shape[0])))], _forward);

    /// <summary>The same network on each sample twice; null where a function calls it.</summary>
    internal NetworkCall? Twice() => Inputs.Count == 0 ? null : new(Network, [.. Inputs.Select(x => cat([x, x], 0))], _forward);

    /// <summary>Runs the network on inputs in place of its own.</summary>
    internal Tensor Run(IReadOnlyList<Tensor> inputs)
    {
        try
        {
            return _forward(inputs) ?? throw new ArgumentException("The network returned null; its output must be a tensor.");
        }
        catch (ExternalException e)
        {
            var on = inputs.Count == 0 ? "" : $" on {string.Join(" and ", inputs.Select(Describe.Tensor))}";
            throw new ArgumentException($"The network cannot be run{on}: {Describe.FirstLine(e)}", e);
        }
    }

    private static void ThrowIfNoBatch(Tensor input)
    {
        ArgumentNullException.ThrowIfNull(input);
        if (input.dim() < (input.is_floating_point() ? 2 : 1) || input.numel() == 0)
            throw new ArgumentException($"The input has shape {Describe.Shape(input)}; a batch with at least one sample is "
                + "needed, batch dimension first.", nameof(input));
        Finite.ThrowUnless(input, "The input", nameof(input));
    }
}
