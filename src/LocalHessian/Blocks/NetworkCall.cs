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
    private readonly NetworkForward _forward;

    private NetworkCall(NetworkForward forward, IReadOnlyList<Tensor> inputs)
    {
        foreach (var input in inputs) BatchInput.ThrowUnlessBatch(input);
        (_forward, Inputs) = (forward, inputs);
    }

    /// <summary>A network that maps one tensor to one tensor.</summary>
    /// <param name="network">The network.</param>
    /// <param name="input">A batch, batch dimension first, of any dtype (token numbers are integers).</param>
    /// <exception cref="ArgumentException">The input is no batch, or has an entry that is NaN or infinite.</exception>
    public static NetworkCall Of(nn.Module<Tensor, Tensor> network, Tensor input) =>
        new(new NetworkForward(network, x => network.call(x[0])), [input]);

    /// <summary>A network with two inputs.</summary>
    /// <param name="network">The network.</param>
    /// <param name="first">Its first input, batch dimension first.</param>
    /// <param name="second">Its second input, with as many samples.</param>
    /// <exception cref="ArgumentException">
    /// An input is no batch, or has an entry that is NaN or infinite; the numbers of samples differ.
    /// </exception>
    public static NetworkCall Of(nn.Module<Tensor, Tensor, Tensor> network, Tensor first, Tensor second)
    {
        ArgumentNullException.ThrowIfNull(network);
        ArgumentNullException.ThrowIfNull(first);
        ArgumentNullException.ThrowIfNull(second);
        var call = new NetworkCall(new NetworkForward(network, x => network.call(x[0], x[1])), [first, second]);
        return first.shape[0] == second.shape[0] ? call : throw new ArgumentException(
            $"The inputs have {first.shape[0]} and {second.shape[0]} samples; they must agree.", nameof(second));
    }

    /// <summary>A network called in any other way: more inputs, several outputs joined to one tensor.</summary>
    /// <remarks>What the function reads beside the network is a constant; derivatives are not taken with respect to it.</remarks>
    /// <param name="network">The network, whose modules and parameters are examined.</param>
    /// <param name="forward">Calls the network; returns one tensor, batch dimension first.</param>
    public static NetworkCall Of(nn.Module network, Func<Tensor> forward)
    {
        ArgumentNullException.ThrowIfNull(forward);
        return new(new NetworkForward(network, _ => forward()), []);
    }

    /// <summary>The network.</summary>
    public nn.Module Network => _forward.Network;

    /// <summary>The inputs that are known; none where a function calls the network.</summary>
    public IReadOnlyList<Tensor> Inputs { get; }

    /// <summary>The same network on the first samples; null where a function calls it.</summary>
    internal NetworkCall? First(long samples) => With(x => x.narrow(0, 0, Math.Min(samples, x.shape[0])));

    /// <summary>The same network on each sample twice; null where a function calls it.</summary>
    internal NetworkCall? Twice() => With(x => cat([x, x], 0));

    /// <summary>Runs the network on inputs in place of its own.</summary>
    internal Tensor Run(IReadOnlyList<Tensor> inputs) => _forward.Run(inputs);

    private NetworkCall? With(Func<Tensor, Tensor> input) => Inputs.Count == 0 ? null : new(_forward, [.. Inputs.Select(input)]);
}
