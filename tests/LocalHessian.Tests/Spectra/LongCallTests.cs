using LocalHessian.Spectra;
using LocalHessian.Tests.Cases;
using static TorchSharp.torch;

namespace LocalHessian.Tests.Spectra;

/// <summary>Every long call reports a fraction that rises to one, and stops within one product of its cancellation.</summary>
public class LongCallTests
{
    private delegate void Call(SymmetricOperator op, IProgress<OperationProgress> progress, CancellationToken cancellation);

    private static readonly Dictionary<string, Call> Calls = new()
    {
        ["Lanczos.Eigenvalues"] = (op, p, c) => Lanczos.Eigenvalues(op, 1, 1, new() { MaxSteps = 30 }, p, c),
        ["Lanczos.Eigenpairs"] = (op, p, c) => Lanczos.Eigenpairs(op, 2, 0, null, p, c).Vectors.Dispose(),
        ["SpectralDensity.Estimate"] = (op, p, c) => SpectralDensity.Estimate(op, 2, 10, 0, p, c),
        ["SpectralDensity.Quadrature"] = (op, p, c) =>
        {
            using var start = ones(op.Size, ScalarType.Float64);
            SpectralDensity.Quadrature(op, start, 12, p, c);
        },
        ["TraceEstimator.Hutchinson"] = (op, p, c) => TraceEstimator.Hutchinson(op, 20, 0, p, c),
        ["TraceEstimator.HutchPlusPlus"] = (op, p, c) => TraceEstimator.HutchPlusPlus(op, 21, 0, p, c),
        ["TraceEstimator.HutchPlusPlus, exact"] = (op, p, c) => TraceEstimator.HutchPlusPlus(op, 2000, 0, p, c),
        ["TraceEstimator.XTrace"] = (op, p, c) => TraceEstimator.XTrace(op, 20, 0, p, c),
        ["DiagonalEstimator.Hutchinson"] = (op, p, c) => DiagonalEstimator.Hutchinson(op, 20, 0, p, c).Dispose(),
        ["DiagonalEstimator.XDiag"] = (op, p, c) => DiagonalEstimator.XDiag(op, 20, 0, p, c).Dispose(),
        ["FrobeniusNorm.Squared"] = (op, p, c) => FrobeniusNorm.Squared(op, 20, 0, p, c),
        ["LogDeterminant.Estimate"] = (op, p, c) => LogDeterminant.Estimate(op, 2, 10, 0, p, c),
        ["NonZeroSpectrum.OfOperator"] = (op, p, c) => NonZeroSpectrum.OfOperator(op, 10, 2, null, 0, p, c),
        ["NonZeroSpectrum.OfOperator, dense"] = (op, p, c) => NonZeroSpectrum.OfOperator(op, 500, 2, null, 0, p, c),
        ["LinearOperator.ToDense"] = (op, p, c) => op.ToDense(null, p, c).Dispose(),
        ["ConjugateGradients.Solve"] = (op, p, c) =>
        {
            using var b = ones(op.Size, 2, ScalarType.Float64);
            ConjugateGradients.Solve(op, b, null, p, c).Solution.Dispose();
        },
        ["Minres.Solve"] = (op, p, c) =>
        {
            using var b = ones(op.Size, ScalarType.Float64);
            Minres.Solve(op, b, null, p, c).Solution.Dispose();
        },
    };

    public static TheoryData<string> Names => [.. Calls.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void Fractions_rise_to_one_under_one_name(string name)
    {
        using var op = new DiagonalOperator(linspace(1, 2, 200, ScalarType.Float64));
        var seen = new Recorder();
        Calls[name](op, seen, default);
        seen.Select(p => p.Fraction).Should().BeInAscendingOrder().And.OnlyHaveUniqueItems()
            .And.OnlyContain(f => f >= 0 && f <= 1);
        seen[^1].Fraction.Should().Be(1);
        seen.Count.Should().BeGreaterThan(1);
        seen.Should().OnlyContain(p => p.Name.Length > 0);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void A_cancelled_call_takes_no_further_product_and_leaves_no_tensor(string name)
    {
        using var source = new CancellationTokenSource();
        var products = 0;
        using var op = new DiagonalOperator(linspace(1, 2, 200,
            ScalarType.Float64))
        { OnProduct = () => { if (++products == 5) source.Cancel(); } };
        using var warm = new DiagonalOperator(linspace(1, 2, 200, ScalarType.Float64));
        Calls[name](warm, new Recorder(), default);
        var before = LiveTensors.Count();
        ((Action)(() => Calls[name](op, new Recorder(), source.Token))).Should().Throw<OperationCanceledException>()
            .Which.CancellationToken.Should().Be(source.Token);
        products.Should().Be(5);
        LiveTensors.Count().Should().Be(before);
    }

    [Fact]
    public void A_call_cancelled_before_it_begins_takes_no_product()
    {
        using var op = new DiagonalOperator(linspace(1, 2, 200, ScalarType.Float64));
        var cancelled = new CancellationToken(canceled: true);
        foreach (var (name, call) in Calls)
            ((Action)(() => call(op, new Recorder(), cancelled))).Should().Throw<OperationCanceledException>(name);
        op.Products.Should().Be(0);
    }

    private sealed class Recorder : List<OperationProgress>, IProgress<OperationProgress>
    {
        public void Report(OperationProgress value) => Add(value);
    }
}
