namespace LocalHessian.Scaling;

/// <summary>
/// The composite from the network's output: h_p = ‖(∂out/∂p)ᵀv‖²/(N·dim p), averaged over probes. It is trace over dimension of
/// the Gauss-Newton Hessian of everything above the parameter, mean over the batch, in one backward pass for all
/// parameters; branches, shared layers and recurrences need no rule (MATH §7).
/// </summary>
internal static class CompositeMeasurement
{
    /// <param name="output">The network's output, batch first, with its graph, which is kept.</param>
    /// <param name="parameters">Those wanted.</param>
    /// <param name="probe">Source of v.</param>
    /// <param name="probes">Number of v.</param>
    /// <param name="head">What v measures at the output.</param>
    /// <returns>h, float64, one element a parameter; and whether the output depends on each.</returns>
    public static Measures Of(Tensor output, IReadOnlyList<Parameter> parameters, Probe probe, int probes = 1,
        HeadRule head = HeadRule.Amended)
    {
        var trainable = Enumerable.Range(0, parameters.Count).Where(i => parameters[i].requires_grad).ToArray();
        var reached = new bool[parameters.Count];
        var sum = zeros(parameters.Count, ScalarType.Float64, output.device);
        for (var k = 0; k < probes && trainable.Length > 0; k++)
        {
            using var scope = NewDisposeScope();
            var gradients = Autograd.Grad([output], trainable.Select(i => (Tensor)parameters[i]).ToList(),
                [probe.AtOutput(output, head)]);
            var all = new Tensor?[parameters.Count];
            for (var j = 0; j < trainable.Length; j++) all[trainable[j]] = gradients[j];
            for (var i = 0; i < all.Length; i++) reached[i] |= all[i] is not null;
            sum.add_(Squares.Of(all, output.device));
        }

        return new Measures(sum / PerParameter(parameters, output.shape[0] * (double)probes, output.device), reached);
    }

    /// <summary>dim p times a number, for each parameter.</summary>
    internal static Tensor PerParameter(IReadOnlyList<Parameter> parameters, double number, Device device) =>
        tensor(parameters.Select(p => p.numel() * number).ToArray(), ScalarType.Float64, device);
}

/// <summary>What a refresh has measured.</summary>
/// <param name="Values">h, which stands for m·m_{b,W}; float64, one element a parameter.</param>
/// <param name="Reached">Whether the output depends on the parameter.</param>
internal sealed record Measures(Tensor Values, bool[] Reached);
