using System.Text.Json;
using LocalHessian.Blocks;
using LocalHessian.Scaling;
using static TorchSharp.torch;

namespace LocalHessian.Reporting;

/// <summary>
/// The local Hessians of a network at one batch, block by block: the paper's proposed use, judging a building block by its spectrum.
/// </summary>
/// <param name="TrainingLoss">J.</param>
/// <param name="Samples">N.</param>
/// <param name="Blocks">In the order of execution.</param>
public sealed record NetworkReport(double TrainingLoss, long Samples, IReadOnlyList<BlockReport> Blocks)
{
    private static readonly JsonSerializerOptions Json = new()
    {
        WriteIndented = true,
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        Converters = { new FiniteOrNull() },
    };

    /// <summary>Examines a network in the mode it is in, and leaves it as it was.</summary>
    /// <remarks>
    /// Of the last block, whose local loss is J, the Hessians reported are the Gauss-Newton matrices AᵀA of its map as well, so
    /// that they compare with the closed form; its efficiency is that of J.
    /// </remarks>
    /// <param name="network">The network.</param>
    /// <param name="input">A batch; every Hessian product costs passes through a block with this batch.</param>
    /// <param name="loss">From the network's output to the scalar J.</param>
    /// <param name="options">Thoroughness; null for the defaults.</param>
    /// <inheritdoc cref="BackMatchingPass.Run(nn.Module{Tensor, Tensor}, Tensor, Func{Tensor, Tensor}, IReadOnlyList{string})" path="/exception"/>
    /// <exception cref="ArgumentOutOfRangeException">Fewer than two steps or probes.</exception>
    public static NetworkReport Of(nn.Module<Tensor, Tensor> network, Tensor input, Func<Tensor, Tensor> loss, ReportOptions? options = null)
    {
        options ??= new();
        ArgumentOutOfRangeException.ThrowIfLessThan(options.Steps, 2, nameof(options));
        ArgumentOutOfRangeException.ThrowIfLessThan(options.Probes, 2, nameof(options));
        using var scope = NewDisposeScope();
        using var pass = BackMatchingPass.Run(network, input, loss, options.Blocks);
        var closed = Closed(network, input, options);
        return new(pass.TrainingLoss, input.shape[0], pass.Select(b => Examine(b, closed, options)).ToArray());
    }

    /// <summary>All numbers as JSON; what is not finite is null.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, Json);

    /// <summary>A table for a terminal of 132 columns, a line a block.</summary>
    public override string ToString() => ReportTable.Of(this);

    private static BlockReport Examine(BackMatchingLoss block, Dictionary<IntPtr, (double Input, double Weight)> closed, ReportOptions options)
    {
        using var hz = block.ForInput().GaussNewton();
        using var hw = block.Weights.Count == 0 ? null : block.ForWeight().GaussNewton(BatchReduction.Mean);
        var (mz, mw) = block.Weights.Count == 1 && closed.TryGetValue(block.Weights[0].Handle, out var m) ? m : (double.NaN, double.NaN);
        return new BlockReport(
            block.Name, block.Input.shape, block.Output.shape, block.Weights.Select(w => (IReadOnlyList<long>)w.shape).ToArray(), mz, mw,
            HessianSummary.Of(hz, options), hw is null ? null : HessianSummary.Of(hw, options),
            options.Efficiency ? block.ForInput().Efficiency(maxIterations: options.Steps) : null,
            options.Efficiency && hw is not null ? block.ForWeight().Efficiency(maxIterations: options.Steps) : null);
    }

    // The two scalars where the network is a chain of layers; named blocks are larger than the layers they begin with.
    private static Dictionary<IntPtr, (double Input, double Weight)> Closed(nn.Module<Tensor, Tensor> network, Tensor input, ReportOptions options)
    {
        if (options.Blocks is not null) return [];
        try
        {
            return BlockChain.Find(network, input).ToDictionary(b => b.Weight.Handle, b =>
            {
                using var norm = b.Weight.detach().square().sum();
                return (ClosedForm.InputScale(b), ClosedForm.WeightScale(b, norm.to(ScalarType.Float64).item<double>()));
            });
        }
        catch (NotAChainException)
        {
            return []; // tied or repeated layers, parameters without a rule: the Hessians exist, the closed forms do not
        }
    }
}
