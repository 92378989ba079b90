namespace LocalHessian;

/// <summary>
/// A pass over the data that hands over, for each batch and layer, inputs and the gradients with respect to outputs.
/// </summary>
internal sealed class KroneckerPass(RecordedData data, IReadOnlyList<KroneckerLayer> layers, KroneckerOptions options)
{
    /// <summary>
    /// For a layer: its inputs and, for each draw or column of the Fisher matrix's root, the gradients of the samples' outputs.
    /// </summary>
    public delegate void Use(int layer, Tensor inputs, IReadOnlyList<Tensor> gradients, long samples);

    /// <summary>Runs it; returns the number of samples.</summary>
    public long Run(Use use, Progress progress)
    {
        long samples = 0;
        using var scores = options.Fisher == KroneckerFisher.MonteCarlo
            ? new SampledScores((LikelihoodLoss)data.Loss, options.Draws, options.Seed) : null;
        data.ForEachBatch(
            (batch, seed, fraction) =>
            {
                progress.At(fraction);
                using var scope = NewDisposeScope();
                using var probe = new LayerProbe(layers);
                var output = Evaluate(batch, seed, probe);
                samples += output.shape[0];
                var gradients = Cotangents(output.detach(), batch.Target, scores)
                    .Select(c => Autograd.Grad([output], probe.Leaves, [c])).ToList();
                for (var i = 0; i < layers.Count; i++)
                {
                    var own = gradients.Select(g => g[i] ?? zeros_like(probe.Leaves[i]).detach()).ToList();
                    use(i, probe.Inputs[i], own, output.shape[0]);
                }
            },
            progress.Cancellation);
        return samples;
    }

    private Tensor Evaluate(CurvatureBatch batch, long seed, LayerProbe probe)
    {
        // The leaves at the layers' outputs are all that gradients are taken for.
        var output = data.Evaluate(batch, seed, []);
        return probe.Leaves.Count == 0 || output.requires_grad ? output
            : throw new ArgumentException("The network's output does not depend on any of the layers.");
    }

    private IEnumerable<Tensor> Cotangents(Tensor output, Tensor target, SampledScores? scores)
    {
        if (options.Fisher == KroneckerFisher.Empirical) return [data.Loss.Gradient(output, target)];
        if (scores is not null)
        {
            var weight = 1 / Math.Sqrt(options.Draws);
            return scores.Next(output).Select(s => s * weight);
        }

        var root = ((LikelihoodLoss)data.Loss).Root(output);
        return Enumerable.Range(0, (int)root.Count).Select(k => root.Column(k));
    }
}
