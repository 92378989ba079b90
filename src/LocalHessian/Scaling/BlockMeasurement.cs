using LocalHessian.Blocks;
using LocalHessian.Internal;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace LocalHessian.Scaling;

/// <summary>
/// Factors measured block by block on one cut forward pass and multiplied along the chain as in eq. (23). A block may be a
/// composite: its probe measures the block as a whole, whatever branches meet in it, and each parameter inside
/// starts from the backward factor at the block's output (MATH §7).
/// </summary>
internal static class BlockMeasurement
{
    /// <summary>tr(H)/dim: m_{b,z} = ‖A_zᵀv‖²/(N·D_{b-1}) and m_{b,W} = ‖A_Wᵀv‖²/(N·dim W).</summary>
    public static Measures Trace(BlockSet blocks, Tensor input, IReadOnlyList<Parameter> parameters, Probe probe, int probes = 1, HeadRule head = HeadRule.Amended) =>
        Run(blocks, input, parameters, (segment, wanted, last) =>
        {
            Tensor? sum = null;
            for (var k = 0; k < probes; k++)
            {
                var v = last ? probe.AtOutput(segment.Output, head) : probe.Signs(segment.Output);
                var squares = Squares.Of(Autograd.Grad([segment.Output], wanted, [v]), input.device);
                sum = sum is null ? squares : sum + squares;
            }

            var samples = (double)input.shape[0];
            return sum! / tensor(wanted.Select((t, i) => t.numel() * probes * (IsInput(segment, t) ? 1.0 : samples)).ToArray(), ScalarType.Float64, input.device);
        });

    /// <summary>‖A_θ d‖²/‖d‖² along d_θ = A_θᵀ d_b, d_b the signal at the block's output; that of a weight over N.</summary>
    /// <param name="blocks">The blocks.</param>
    /// <param name="input">The network's input.</param>
    /// <param name="parameters">Those wanted.</param>
    /// <param name="signal">∂J/∂out.</param>
    public static Measures Rayleigh(BlockSet blocks, Tensor input, IReadOnlyList<Parameter> parameters, Tensor signal)
    {
        var d = signal;
        return Run(blocks, input, parameters, (segment, wanted, _) =>
        {
            var directions = Autograd.Grad([segment.Output], wanted, [d.reshape(segment.Output.shape)]);
            var above = d;
            var quotients = wanted.Select((t, i) => Quotient(segment.Output, t, directions[i], IsInput(segment, t) ? 1 : input.shape[0])).ToArray();
            d = wanted.Select((t, i) => IsInput(segment, t) ? directions[i] : null).FirstOrDefault(t => t is not null) ?? above;
            return stack(quotients);
        });
    }

    private static bool IsInput(Segment segment, Tensor tensor) => ReferenceEquals(segment.Input, tensor);

    // A Jacobian-vector product is the derivative, in u, of ⟨Aᵀu, d⟩.
    private static Tensor Quotient(Tensor output, Tensor at, Tensor? direction, double samples)
    {
        if (direction is null) return zeros(1, ScalarType.Float64, output.device)[0];
        var u = zeros_like(output).requires_grad_();
        var pulled = Autograd.Grad([output], [at], [u], createGraph: true)[0]!;
        var image = pulled.requires_grad ? Autograd.Grad([pulled], [u], [direction])[0] : null;
        return Squares.Of([image], output.device)[0] / Squares.Of([direction], output.device)[0] / samples;
    }

    private static Measures Run(
        BlockSet blocks, Tensor input, IReadOnlyList<Parameter> parameters, Func<Segment, IReadOnlyList<Tensor>, bool, Tensor> measure)
    {
        using var snapshot = new NetworkSnapshot(blocks.Network);
        using var pass = SegmentedForward.Run(blocks.TensorNetwork, input, blocks.Cuts);
        var values = new Tensor?[parameters.Count];
        var scales = new List<Tensor>();
        var m = ones(1, ScalarType.Float64, input.device)[0];
        for (var b = pass.Segments.Count - 1; b >= 0; b--)
        {
            var segment = pass.Segments[b];
            if (!segment.Output.requires_grad) continue;
            var own = Enumerable.Range(0, parameters.Count)
                .Where(i => parameters[i].requires_grad && blocks.Owners[parameters[i].Handle].Contains(b)).ToArray();
            var wanted = own.Select(i => (Tensor)parameters[i]).ToList();
            if (segment.Input.requires_grad) wanted.Add(segment.Input);
            if (wanted.Count == 0) continue;

            var factors = measure(segment, wanted, b == pass.Segments.Count - 1).unbind();
            for (var j = 0; j < own.Length; j++) values[own[j]] = values[own[j]] is { } other ? other + m * factors[j] : m * factors[j];
            if (!segment.Input.requires_grad) continue;
            scales.Insert(0, factors[^1]);
            m = m * factors[^1];
        }

        var zero = zeros(1, ScalarType.Float64, input.device)[0];
        return new Measures(stack(values.Select(v => v ?? zero).ToArray()), values.Select(v => v is not null).ToArray(), scales);
    }
}
