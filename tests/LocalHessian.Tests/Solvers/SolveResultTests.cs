using LocalHessian.Tests.Spectra;
using static TorchSharp.torch;

namespace LocalHessian.Tests.Solvers;

/// <summary>What is said of several right-hand sides together, and what holds of any of them.</summary>
public class SolveResultTests
{
    [Fact]
    public void All_must_converge_and_the_largest_residual_counts()
    {
        using var none = zeros(2, 3);
        var result = new SolveResult(none, [1, 3, 2], 5, 9,
            [SolveStatus.Converged, SolveStatus.MaxIterations, SolveStatus.Converged]);

        result.Converged.Should().BeFalse();
        result.Residual.Should().Be(3);
        result.ToString().Should().Be("Converged, MaxIterations, residual 3, 5 iterations, 9 products, solution [2, 3]");
        (result with { Statuses = [SolveStatus.Converged] }).ToString().Should().StartWith("converged, residual 3");
        new SolveResult(none, [], 0, 0, []).Converged.Should().BeTrue();
    }

    public static TheoryData<string> Methods => new("CG", "MINRES");

    [Theory, MemberData(nameof(Methods))]
    public void Tolerances_are_relative_to_each_right_hand_side_whatever_its_size_and_dtype(string method)
    {
        using var scope = NewDisposeScope();
        using var a = new DenseOperator(TestMatrices.WithSpectrum([.. Enumerable.Range(1, 20).Select(i => (double)i)]));
        using var narrow = new DenseOperator(TestMatrices.WithSpectrum([1, 2, 3, 4]).to(float32));
        Func<SymmetricOperator, Tensor, SolveOptions, SolveResult> solve = method == "CG"
            ? (op, b, o) => ConjugateGradients.Solve(op, b, o) : (op, b, o) => Minres.Solve(op, b, o);
        var right = TestMatrices.Normal(1, 20, 1).view(-1);
        SolveOptions options = new() { Tolerance = 1e-4 };
        var alone = solve(a, right, options);
        var columns = solve(a, stack([right * 1e6, TestMatrices.Normal(2, 20, 1).view(-1) * 1e-6, zeros(20, float64)], 1),
            options);

        columns.Converged.Should().BeTrue();
        ((columns.Solution.select(1, 0) / 1e6 - alone.Solution).abs().max() < 1e-12).item<bool>().Should().BeTrue();
        columns.Iterations.Should().BeGreaterThanOrEqualTo(alone.Iterations).And.BeLessThanOrEqualTo(20);
        columns.Products.Should().BeGreaterThan(columns.Iterations);
        alone.Residual.Should().BeLessThanOrEqualTo(1e-4 * right.norm().item<double>());
        columns.Solution.select(1, 2).abs().max().item<double>().Should().Be(0);
        solve(narrow, ones(4), options).Solution.dtype.Should().Be(float32);
        var empty = zeros(20, 0, float64);
        solve(a, empty, options).Solution.Should().NotBeSameAs(empty);
    }

    [Fact]
    public void A_failed_inverse_names_the_statuses_the_residuals_and_the_largest_over_the_right_hand_side()
    {
        using var scope = NewDisposeScope();
        using var a = new DenseOperator(TestMatrices.WithSpectrum([.. Enumerable.Range(1, 30).Select(i => (double)i)]));
        using var inverse = new InverseOperator(a, new() { MaxIterations = 2 });
        var right = TestMatrices.Normal(1, 30, 2) * 1000;

        var error = inverse.Invoking(i => i.Apply(right)).Should().Throw<SolveFailedException>().Which;
        error.Statuses.Should().Equal(SolveStatus.MaxIterations, SolveStatus.MaxIterations);
        var relative = error.Residuals.Max() / right.norm(0).max().item<double>();
        relative.Should().BeInRange(1e-3, 1);
        error.Message.Should().Contain(FormattableString.Invariant($"relative residual {relative:G3}."));
    }
}
