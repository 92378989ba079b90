using LocalHessian.Blocks;
using LocalHessian.Spectra;

namespace LocalHessian.Monitoring;

/// <summary>Both ends of the spectrum of a block's Gauss-Newton H_z.</summary>
internal static class BlockSpectrum
{
    public static (double Top, double Condition) Of(Segment segment, MonitorOptions options)
    {
        if (options.SpectrumSteps == 0 || !segment.HasDifferentiableInput) return (double.NaN, double.NaN);
        var graph = new BlockGraph(segment.Input, [], segment.Output); // not disposed: the tensors are the pass's
        try
        {
            using var op = GraphOperator.GaussNewton(graph, new LeafVector([segment.Input!]), 1, () => true);
            // Both ends without the rank, which would cost as much again for each probe.
            var (largest, smallest, _) = NonZeroSpectrum.Extremes(op, options.SpectrumSteps, null, options.Seed, Progress.None);
            return (largest, largest / smallest);
        }
        catch (SecondDerivativeException)
        {
            return (double.NaN, double.NaN); // documented: training goes on, and the report names the operation
        }
        catch (NonFiniteProductException)
        {
            // Training that diverges is not the monitor's to end: a reading has NaN for what does not exist.
            return (double.NaN, double.NaN);
        }
    }
}
