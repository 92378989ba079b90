using System.Globalization;

namespace LocalHessian.Reporting;

/// <summary>
/// What a report says of one Gauss-Newton Hessian, from few products: a run of Lanczos from the gradient, which lies in the
/// range of H, gives both ends of the non-zero spectrum and the efficiency of the signal; runs from random vectors give mean
/// and rank, and may find a larger end.
/// </summary>
internal static class HessianExamination
{
    /// <summary>The numbers of one Hessian.</summary>
    public sealed record Examined(HessianSummary Summary, SignalEfficiency? Efficiency);

    /// <param name="curvature">The block's loss as a function of the variable.</param>
    /// <param name="block">The same block.</param>
    /// <param name="samples">What the Hessian of the sum is divided by; 1 for that of the sum.</param>
    /// <param name="options">Steps, probes, limits.</param>
    /// <param name="progress">Told between products.</param>
    /// <param name="leave">Told, in a sentence, what is left out.</param>
    /// <returns>Null where nothing could be examined.</returns>
    public static Examined? Of(LocalCurvature curvature, BackMatchingLoss block, double samples, ReportOptions options,
        Progress progress, Action<string> leave)
    {
        using var scope = NewDisposeScope();
        using var ungraded = no_grad();
        using var h = curvature.GaussNewton();
        var own = options.Efficiency && !block.IsTrainingLoss;
        var trainingLoss = options.Efficiency && block.IsTrainingLoss
            ? curvature.Efficiency(maxIterations: options.Steps, cancellationToken: progress.Cancellation)
            : null;
        if (h.Size <= options.ExactRows)
        {
            var dense = new DenseSpectrum(h.ToDense(cancellationToken: progress.Cancellation));
            return new(dense.Summary(samples), own ? dense.Efficiency(curvature.Gradient(), block.Value) : trainingLoss);
        }

        var steps = (int)Math.Min(options.Steps, options.MaxBytes / (h.Size * (double)h.Dtype.ElementSize()));
        if (steps < 2)
        {
            leave(string.Create(CultureInfo.InvariantCulture,
                $"its {h.Size:N0} rows leave no room for two vectors of a Lanczos basis within {options.MaxBytes:N0} bytes "
                + $"(ReportOptions.MaxBytes)."));
            return null;
        }

        var gradient = curvature.Gradient();
        var krylov = new KrylovSpectrum(h, steps, options, gradient, progress);
        return new(krylov.Summary(samples), own ? krylov.Efficiency(gradient, block.Value) : trainingLoss);
    }
}
