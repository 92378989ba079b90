using System.Globalization;
using LocalHessian.Spectra;
using static TorchSharp.torch;

namespace LocalHessian.Tests.Spectra;

/// <summary>Results print readably, and with a decimal point wherever the program runs.</summary>
public class PrintingTests
{
    [Fact, Trait("Category", "Culture")]
    public void Results_print_their_numbers_in_the_invariant_culture()
    {
        var before = CultureInfo.CurrentCulture;
        try
        {
            CultureInfo.CurrentCulture = new CultureInfo("de-DE");
            new LanczosResult([-0.25, 1.5], [1e-9, 2.5e-10], 12, 14, true, 1e-8).ToString()
                .Should().Be("eigenvalues [-0.25, 1.5], residuals at most 1E-09, converged to 1E-08 in 14 products");
            new LanczosResult([.. Enumerable.Range(0, 20).Select(i => i + 0.5)], [1.5], 12, 14, false, 1e-8).ToString()
                .Should().StartWith("eigenvalues [0.5, 1.5, 2.5, 3.5, 4.5, 5.5, 6.5, 7.5, … 20 in all], residuals at most 1.5,");
            new TraceEstimate(12.5, 0.25, 99).ToString().Should().Be("12.5 ± 0.25 (99 products)");
            new NonZeroSpectrum(9.5, 0.5, 60.25, 1.5, 1e-12, true).ToString()
                .Should().Be("0.5 to 9.5, condition number 19, rank 60.25 ± 1.5, converged, zero up to 1E-12");
            SpectralMeasure.Of([0.5, 1.5, 4]).ToString().Should().Be("3 points from 0.5 to 4, mean 2");
            using var solution = zeros(3, 2);
            new SolveResult(solution, [0.5, 0.25], 7, 16, [SolveStatus.Converged, SolveStatus.MaxIterations]).ToString()
                .Should().Be("Converged, MaxIterations, residual 0.5, 7 iterations, 16 products, solution [3, 2]");
            using var diagonal = new DiagonalEstimate(zeros(3), zeros(3), 60);
            diagonal.ToString().Should().Be("diagonal [3] from 60 products");
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
        }
    }
}
