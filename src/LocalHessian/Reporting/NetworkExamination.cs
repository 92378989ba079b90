using LocalHessian.Blocks;
using LocalHessian.Scaling;

namespace LocalHessian.Reporting;

/// <summary>Examines the blocks of a pass one after the other, and keeps what could not be examined.</summary>
internal sealed class NetworkExamination(BackMatchingPass pass, ReportOptions options)
{
    private readonly List<string> _notExamined = [];

    /// <summary>Sentences on what was left out, once the blocks have been examined.</summary>
    public IReadOnlyList<string> NotExamined => _notExamined;

    public IReadOnlyList<BlockReport> Blocks(Progress progress)
    {
        var closed = Closed(pass.Structure.Chain);
        var reports = pass.Select((block, i) =>
            Examine(block, closed, progress.Part(block.Name, (double)i / pass.Count, (i + 1.0) / pass.Count))).ToList();
        NameParameters();
        return reports;
    }

    private BlockReport Examine(
        BackMatchingLoss block, Dictionary<IntPtr, (double Input, double Weight)> closed, Progress progress)
    {
        var (mz, mw) = block.Weights.Count == 1 && closed.TryGetValue(block.Weights[0].Handle, out var m) ? m
            : (double.NaN, double.NaN);
        var input = Examine(block, "H_z", () => block.ForInput(), 1, progress.Part(null, 0, 0.5));
        var weight = block.Weights.Count == 0 ? null
            : Examine(block, "H_W", () => block.ForWeight(), block.Samples, progress.Part(null, 0.5, 1));
        return new BlockReport(
            block.Name, block.HasInput ? block.Input.shape : [], block.Output.shape, [.. block.Weights.Select(w => w.shape)],
            mz, mw, input?.Summary, weight?.Summary, input?.Efficiency, weight?.Efficiency);
    }

    private HessianExamination.Examined? Examine(
        BackMatchingLoss block, string name, Func<LocalCurvature> variable, double samples, Progress progress)
    {
        try
        {
            var curvature = variable();
            return HessianExamination.Of(curvature, block, samples, options, progress, left =>
                _notExamined.Add($"{name} of '{block.Name}': {left}"));
        }
        catch (Exception e) when (e is SecondDerivativeException or IndependentBlockException)
        {
            _notExamined.Add($"{name} of '{block.Name}': {e.Message}");
            return null;
        }
    }

    private void NameParameters()
    {
        var structure = pass.Structure;
        var seen = pass.SelectMany(b => b.Weights).Select(w => w.Handle).ToHashSet();
        var left = structure.Parameters.Concat(structure.PlainParameters).Where(p => !seen.Contains(p.Parameter.Handle)).ToList();
        Say(left.Where(p => p.Parameter.dim() < 2), "biases, gains and shifts, of which no Hessian is taken");
        var weights = left.Where(p => p.Parameter.dim() > 1).ToList();
        Say(weights.Where(structure.SharedParameters.Contains),
            "weights that several blocks share: no single block's Hessian is theirs");
        Say(weights.Except(structure.SharedParameters), "weights that no block reaches: they take no part in the output");
    }

    private void Say(IEnumerable<NamedParameter> parameters, string what)
    {
        var names = parameters.Select(p => p.Name).ToList();
        if (names.Count > 0) _notExamined.Add($"{names.Count} {what}: {Describe.Names(names)}.");
    }

    // The two scalars where the network is a chain of layers.
    private static Dictionary<IntPtr, (double Input, double Weight)> Closed(BlockChain? chain)
    {
        using var ungraded = no_grad();
        return (chain ?? Enumerable.Empty<Block>()).ToDictionary(b => b.Weight.Handle, b =>
        {
            using var norm = Squares.Of([b.Weight], b.Weight.device);
            return (ClosedForm.InputScale(b), ClosedForm.WeightScale(b, norm[0].item<double>()));
        });
    }
}
