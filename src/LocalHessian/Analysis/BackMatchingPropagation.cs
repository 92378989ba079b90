using LocalHessian.Blocks;

namespace LocalHessian;

/// <summary>Back-matching propagation, Procedure 1, with one gradient step in place of each minimisation.</summary>
public static class BackMatchingPropagation
{
    /// <summary>
    /// One sweep from the last block to the first: <c>W_b ← W_b − μ ∇_W ℓ_b</c>, eq. (3), and
    /// <c>z_{b-1}^{k+1/2} = z_{b-1} − ν ∇_z ℓ_b</c>, eq. (4), every gradient at W^k and z^k. With ν = 1 the new weights are
    /// those of gradient descent on J with rate μ — Prop. 1.
    /// </summary>
    /// <remarks>All trainable parameters of a block move with its weight. Running statistics do not move.</remarks>
    /// <param name="network">The network, which is changed.</param>
    /// <param name="input">The batch.</param>
    /// <param name="loss">From the network's output to the scalar J.</param>
    /// <param name="rate">μ, finite and not negative.</param>
    /// <param name="inputRate">ν, finite and not negative; 1 is back-propagation.</param>
    /// <param name="blocks">
    /// As in
    /// <see cref="BackMatchingPass.Run(nn.Module{Tensor, Tensor}, Tensor, Func{Tensor, Tensor}, IReadOnlyList{string})"/>.
    /// </param>
    /// <returns>ℓ_b of each block before the step, in the order of execution; the last is J.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A rate is negative or not finite.</exception>
    /// <inheritdoc cref="BackMatchingPass.Run(nn.Module{Tensor, Tensor}, Tensor, Func{Tensor, Tensor}, IReadOnlyList{string})"
    /// path="/exception"/>
    public static IReadOnlyList<double> Step(
        nn.Module<Tensor, Tensor> network, Tensor input, Func<Tensor, Tensor> loss, double rate, double inputRate = 1,
        IReadOnlyList<string>? blocks = null)
    {
        Finite.ThrowIfNegative(rate, "The rate", nameof(rate));
        Finite.ThrowIfNegative(inputRate, "The rate of the input", nameof(inputRate));
        using var scope = NewDisposeScope();
        var call = NetworkCall.Of(network, input);
        using var pass = BackMatchingPass.Run(NetworkStructure.Find(call, blocks), call, loss, inputRate);
        var parameters = network.parameters().Where(p => p.requires_grad).DistinctBy(p => p.Handle).ToList();
        var updates = new List<(Parameter Parameter, Tensor Gradient)>();
        foreach (var block in pass.Prefix is null ? pass : pass.Prepend(pass.Prefix))
            updates.AddRange(block.Gradients(parameters).Select((g, i) => (parameters[i], g)).Where(u => u.g is not null)!);

        using var noGrad = no_grad();
        foreach (var (parameter, gradient) in updates) parameter.sub_(rate * gradient);
        return pass.Select(b => b.Value).ToArray();
    }
}
