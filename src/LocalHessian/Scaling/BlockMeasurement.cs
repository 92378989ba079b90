using LocalHessian.Blocks;

namespace LocalHessian.Scaling;

/// <summary>
/// Scales measured block by block on one cut forward pass and multiplied along the chain as in eq. (23). A block may be a
/// composite: its probe measures the block as a whole, whatever branches meet in it, and each parameter inside
/// starts from the backward factor at the block's output (MATH §7).
/// </summary>
internal static class BlockMeasurement
{
    /// <summary>tr(H)/dim of everything wanted.</summary>
    public static Measures Trace(
        NetworkStructure structure, NetworkCall call, IReadOnlyList<Parameter> parameters, Probe probe, int probes = 1,
        HeadRule head = HeadRule.Amended) =>
        Run(structure, call, parameters, null, (segment, wanted, _, isLast) =>
            Traces(segment, wanted, () => isLast ? probe.AtOutput(segment.Output, head) : probe.Signs(segment.Output), probes));

    /// <summary>‖A_θ d‖²/‖d‖² along d_θ = A_θᵀ d_b, d_b the signal at the block's output; that of a weight over N.</summary>
    /// <param name="structure">The blocks.</param>
    /// <param name="call">The network and its input.</param>
    /// <param name="parameters">Those wanted.</param>
    /// <param name="signal">∂J/∂out.</param>
    public static Measures Rayleigh(NetworkStructure structure, NetworkCall call, IReadOnlyList<Parameter> parameters,
        Tensor signal) =>
        Run(structure, call, parameters, signal, (segment, wanted, d, _) =>
        {
            var directions = Autograd.Grad([segment.Output], wanted, [d!]);
            return stack(wanted.Select((t, i) => Quotient(segment, t, directions[i])).ToArray());
        });

    /// <summary>
    /// m_{b,z} = ‖A_zᵀv‖²/(N·D_{b-1}) of the segment's input and m_{b,W} = ‖A_Wᵀv‖²/(N·dim W) of parameters, averaged over
    /// probes v.
    /// </summary>
    /// <param name="segment">The segment.</param>
    /// <param name="wanted">Parameters that it reaches, and its input where that is wanted.</param>
    /// <param name="probe">Draws v.</param>
    /// <param name="probes">Number of v.</param>
    /// <returns>Float64, one element a tensor wanted.</returns>
    public static Tensor Traces(Segment segment, IReadOnlyList<Tensor> wanted, Func<Tensor> probe, int probes)
    {
        var device = segment.Output.device;
        Tensor? sum = null;
        for (var k = 0; k < probes; k++)
        {
            var squares = Squares.Of(Autograd.Grad([segment.Output], wanted, [probe()]), device);
            sum = sum is null ? squares : sum + squares;
        }

        return sum! / tensor(wanted.Select(t => t.numel() * probes * Samples(segment, t)).ToArray(), ScalarType.Float64, device);
    }

    // The entries of an input count its samples already.
    private static double Samples(Segment segment, Tensor t) =>
        ReferenceEquals(segment.Input, t) ? 1 : (segment.Input ?? segment.Output).shape[0];

    // A Jacobian-vector product is the derivative, in u, of ⟨Aᵀu, d⟩.
    private static Tensor Quotient(Segment segment, Tensor at, Tensor? direction)
    {
        var output = segment.Output;
        if (direction is null) return zeros(1, ScalarType.Float64, output.device)[0];
        var u = zeros_like(output).requires_grad_();
        var pulled = Autograd.Grad([output], [at], [u], createGraph: true)[0]!;
        var image = pulled.requires_grad ? Autograd.Grad([pulled], [u], [direction])[0] : null;
        return Squares.Of([image], output.device)[0] / Squares.Of([direction], output.device)[0] / Samples(segment, at);
    }

    private static Measures Run(
        NetworkStructure structure, NetworkCall call, IReadOnlyList<Parameter> parameters, Tensor? signal,
        Func<Segment, IReadOnlyList<Tensor>, Tensor?, bool, Tensor> measure)
    {
        using var snapshot = new NetworkSnapshot(structure.Network);
        using var held = new HeldStatistics(structure.Network);
        using var pass = structure.Pass(call);
        var device = pass.Output.device;
        var values = new Tensor?[parameters.Count];
        var m = ones(1, ScalarType.Float64, device)[0];
        foreach (var (b, segment, d) in BackwardSegments.Of(pass, signal))
        {
            var own = Enumerable.Range(0, parameters.Count)
                .Where(i => parameters[i].requires_grad && structure.Owners[parameters[i].Handle].Contains(b)).ToArray();
            var wanted = own.Select(i => (Tensor)parameters[i]).ToList();
            if (segment.HasDifferentiableInput) wanted.Add(segment.Input!);
            if (wanted.Count == 0) continue;

            var scales = measure(segment, wanted, d, b == pass.Segments.Count - 1).unbind();
            for (var j = 0; j < own.Length; j++)
                values[own[j]] = values[own[j]] is { } other ? other + m * scales[j] : m * scales[j];
            if (segment.HasDifferentiableInput) m = m * scales[^1];
        }

        var zero = zeros(1, ScalarType.Float64, device)[0];
        return new Measures(stack(values.Select(v => v ?? zero).ToArray()), values.Select(v => v is not null).ToArray());
    }
}
