using System.Text.Json;
using LocalHessian.Blocks;

namespace LocalHessian.Reporting;

/// <summary>
/// The local Hessians of a network at one batch, block by block: the paper's proposed use, judging a building block by its
/// spectrum.
/// </summary>
/// <param name="TrainingLoss">J.</param>
/// <param name="Samples">N.</param>
/// <param name="About">How the network was divided into blocks, and, where the closed form does not hold, why not.</param>
/// <param name="Blocks">In the order of execution.</param>
/// <param name="NotExamined">What the report says nothing of, a sentence each: parameters, and Hessians with the reason.</param>
public sealed record NetworkReport(
    double TrainingLoss, long Samples, string About, IReadOnlyList<BlockReport> Blocks, IReadOnlyList<string> NotExamined)
{
    /// <summary>Examines a network that maps one tensor to one tensor, in the mode it is in, and leaves it as it was.</summary>
    /// <remarks>
    /// <para>Any network has a report: blocks are the layers where it is a chain, else the smallest pieces that no value bypasses
    /// (<see cref="NetworkStructure"/>). By default it costs less than 200 forward and backward passes of the network at this
    /// batch.</para>
    /// <para>Of the last block, whose local loss is J, the Hessians reported are the Gauss-Newton matrices AᵀA of its map as
    /// well, so that they compare with the closed form; its efficiency is that of J.</para>
    /// </remarks>
    /// <param name="network">The network.</param>
    /// <param name="input">
    /// A batch, batch dimension first; every Hessian product costs passes through a block with this batch.
    /// </param>
    /// <param name="loss">From the network's output to the scalar J.</param>
    /// <param name="options">Thoroughness; null for the defaults.</param>
    /// <param name="progress">Is told between products; null for nobody.</param>
    /// <param name="cancellationToken">Stops the call within one product.</param>
    /// <inheritdoc cref="BackMatchingPass.Run(nn.Module{Tensor, Tensor}, Tensor, Func{Tensor, Tensor}, IReadOnlyList{string})"
    /// path="/exception"/>
    /// <exception cref="ArgumentOutOfRangeException">Fewer than two steps or probes.</exception>
    /// <exception cref="OperationCanceledException">The call is cancelled; the network is as before.</exception>
    public static NetworkReport Of(
        nn.Module<Tensor, Tensor> network, Tensor input, Func<Tensor, Tensor> loss, ReportOptions? options = null,
        IProgress<OperationProgress>? progress = null, CancellationToken cancellationToken = default) =>
        Of(NetworkCall.Of(network, input), loss, options, progress, cancellationToken);

    /// <summary>Examines a network of any kind: several inputs, several outputs.</summary>
    /// <param name="call">The network and its inputs.</param>
    /// <param name="loss">As in the other overload.</param>
    /// <param name="options">As in the other overload.</param>
    /// <param name="progress">As in the other overload.</param>
    /// <param name="cancellationToken">As in the other overload.</param>
    /// <inheritdoc
    /// cref="Of(nn.Module{Tensor, Tensor}, Tensor, Func{Tensor, Tensor}, ReportOptions, IProgress{OperationProgress},
    /// CancellationToken)" path="/exception"/>
    public static NetworkReport Of(
        NetworkCall call, Func<Tensor, Tensor> loss, ReportOptions? options = null,
        IProgress<OperationProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(call);
        options ??= new();
        options.Validate();
        var watch = new Progress("report", progress, cancellationToken);
        watch.At(0);
        using var scope = NewDisposeScope();
        using var pass = BackMatchingPass.Run(call, loss, options.Blocks);
        var examination = new NetworkExamination(pass, options);
        var blocks = examination.Blocks(watch);
        watch.At(1);
        var structure = pass.Structure;
        var about = structure.Chain is null ? $"{structure.About} No closed form holds: {structure.WhyNoChain}" : structure.About;
        return new(pass.TrainingLoss, pass[^1].Samples, about, blocks, examination.NotExamined);
    }

    /// <summary>All numbers as JSON, names in snake case; what is not finite is null.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, ReportJson.Default.NetworkReport);

    /// <summary>A table for a terminal of 132 columns, a line a Hessian, and below it what was not examined.</summary>
    public override string ToString() => ReportTable.Of(this);
}
