using LocalHessian.Internal;
using LocalHessian.Tests.Cases;
using LocalHessian.Tests.Spectra;
using static TorchSharp.torch;

namespace LocalHessian.Tests.Solvers;

public class SolveTests
{
    private static readonly double[] Definite = [.. Enumerable.Range(1, 80).Select(i => 0.1 + i / 10.0)];
    private static readonly double[] Indefinite = [.. Enumerable.Range(-40, 80).Select(i => i + 0.5)];

    [Fact]
    public void Conjugate_gradients_solve_definite_systems_for_a_vector_and_for_columns_with_damping()
    {
        using var scope = NewDisposeScope();
        var a = TestMatrices.WithSpectrum(Definite);
        using var op = new DenseOperator(a);
        var b = TestMatrices.Normal(1, 80, 3);
        var options = new SolveOptions { Tolerance = 1e-11, Damping = 0.7 };
        var result = ConjugateGradients.Solve(op, b, options);
        var expected = linalg.solve(a + 0.7 * eye(80, dtype: ScalarType.Float64), b);
        result.Converged.Should().BeTrue();
        Largest(result.Solution - expected).Should().BeLessThan(1e-9);
        var one = ConjugateGradients.Solve(op, b.select(1, 1), options);
        one.Solution.shape.Should().Equal(80);
        Largest(one.Solution - expected.select(1, 1)).Should().BeLessThan(1e-9);
        one.Statuses.Should().Equal(SolveStatus.Converged);
    }

    [Fact]
    public void Minres_solves_indefinite_systems_with_and_without_shift_and_preconditioner()
    {
        using var scope = NewDisposeScope();
        var a = TestMatrices.WithSpectrum(Indefinite);
        using var op = new DenseOperator(a);
        var b = TestMatrices.Normal(2, 80, 2);
        using var inverse = new DenseOperator(linalg.inv(TestMatrices.WithSpectrum([.. Indefinite.Select(Math.Abs)])));
        foreach (var (shift, preconditioner) in new (double, SymmetricOperator?)[] { (0, null), (-0.2, null), (0, inverse) })
        {
            var result = Minres.Solve(op, b, new() { Tolerance = 1e-10, Damping = shift, Preconditioner = preconditioner });
            result.Converged.Should().BeTrue();
            var expected = linalg.solve(a + shift * eye(80, dtype: ScalarType.Float64), b);
            Largest(result.Solution - expected).Should().BeLessThan(1e-7);
            // |A|⁻¹A has the eigenvalues −1 and 1 alone: two steps.
            if (preconditioner is not null) result.Iterations.Should().BeLessThan(5);
        }
    }

    [Fact]
    public void Residuals_are_those_of_the_solution_returned()
    {
        using var scope = NewDisposeScope();
        using var op = new DenseOperator(TestMatrices.WithSpectrum(Definite).to(ScalarType.Float32));
        var b = TestMatrices.Normal(3, 80, 4, ScalarType.Float32);
        foreach (var iterations in new[] { 3, 9, 500 })
            foreach (var result in new[]
                     {
                         ConjugateGradients.Solve(op, b, new() { MaxIterations = iterations, Tolerance = 1e-5, Damping = 0.25 }),
                         Minres.Solve(op, b, new() { MaxIterations = iterations, Tolerance = 1e-5, Damping = 0.25 }),
                     })
            {
                var x = result.Solution.to(ScalarType.Float64);
                var r = b.to(ScalarType.Float64) - op.Apply(result.Solution).to(ScalarType.Float64) - 0.25 * x;
                var norms = r.norm(0).Host<double>();
                for (var i = 0; i < 4; i++) result.Residuals[i].Should().BeApproximately(norms[i], 1e-2 * norms[i]);
                result.Converged.Should().Be(iterations == 500);
                if (iterations < 500) result.Statuses.Should().AllBeEquivalentTo(SolveStatus.MaxIterations);
                if (iterations < 500) result.Iterations.Should().Be(iterations);
            }
    }

    [Fact]
    public void Minres_takes_the_smallest_residual_in_the_Krylov_space()
    {
        using var scope = NewDisposeScope();
        var a = TestMatrices.WithSpectrum(Indefinite);
        using var op = new DenseOperator(a);
        var b = TestMatrices.Normal(4, 80, 1).view(-1);
        var krylov = new List<Tensor> { b };
        for (var k = 1; k <= 6; k++)
        {
            var basis = stack(krylov.Select(v => v / v.norm()).ToArray()).t();
            var (q, _) = linalg.qr(a.mm(basis));
            var least = (b - q.mv(q.t().mv(b))).norm().item<double>();
            var result = Minres.Solve(op, b, new() { MaxIterations = k, Tolerance = 1e-14 });
            result.Residual.Should().BeApproximately(least, 1e-9 * least);
            krylov.Add(a.mv(krylov[^1]));
        }
    }

    [Fact]
    public void A_preconditioner_saves_iterations_and_does_not_move_the_solution()
    {
        using var scope = NewDisposeScope();
        var diagonal = logspace(0, 4, 300, dtype: ScalarType.Float64);
        using var op = new DiagonalOperator(diagonal);
        using var inverse = new DiagonalOperator(1 / (diagonal * (1 + 0.3 * TestMatrices.Normal(5, 300, 1).view(-1).sin())));
        var b = ones(300, ScalarType.Float64);
        var options = new SolveOptions { Tolerance = 1e-9 };
        var plain = ConjugateGradients.Solve(op, b, options);
        var better = ConjugateGradients.Solve(op, b, options with { Preconditioner = inverse });
        plain.Converged.Should().BeTrue();
        better.Converged.Should().BeTrue();
        better.Iterations.Should().BeLessThan(plain.Iterations / 5);
        Largest(better.Solution * diagonal - b).Should().BeLessThan(1e-8);
    }

    [Fact]
    public void Why_a_solve_ends_is_said()
    {
        using var scope = NewDisposeScope();
        using var indefinite = new DenseOperator(TestMatrices.WithSpectrum(Indefinite));
        var b = TestMatrices.Normal(6, 80, 1).view(-1);
        ConjugateGradients.Solve(indefinite, b).Statuses.Should().Equal(SolveStatus.NotDefinite);

        // Half of b lies outside of the range.
        using var singular = new DiagonalOperator([.. Enumerable.Range(0, 80).Select(i => i < 40 ? 0.0 : i)]);
        var outside = b.narrow(0, 0, 40).norm().item<double>();
        var least = Minres.Solve(singular, b);
        least.Statuses.Should().Equal(SolveStatus.Inconsistent);
        least.Residual.Should().BeApproximately(outside, 1e-9 * outside);
        ConjugateGradients.Solve(singular, b).Statuses.Should().Equal(SolveStatus.Inconsistent); // and no overflow on the way

        // Of a right-hand side in the range both find the solution of least norm.
        var inside = b.clone();
        inside.narrow(0, 0, 40).zero_();
        foreach (var solve in new[] { ConjugateGradients.Solve(singular, inside), Minres.Solve(singular, inside) })
        {
            solve.Converged.Should().BeTrue();
            Largest(solve.Solution.narrow(0, 0, 40)).Should().BeLessThan(1e-9);
        }

        // The float32 solution itself cannot be this good.
        using var single = new DiagonalOperator(logspace(0, 3, 80, dtype: ScalarType.Float32));
        var stalled = ConjugateGradients.Solve(single, ones(80), new() { Tolerance = 1e-9 });
        stalled.Statuses.Should().Equal(SolveStatus.RoundOff);
        stalled.Residual.Should().BeInRange(1e-9, 1e-4);
    }

    [Fact]
    public void Right_hand_sides_end_one_by_one_and_zero_ones_take_no_product()
    {
        using var scope = NewDisposeScope();
        using var op = new DiagonalOperator([.. Enumerable.Range(1, 50).Select(i => (double)i)]);
        var b = zeros(50, 3, ScalarType.Float64);
        b.select(1, 1).fill_(1); // 50 eigenvalues in it
        b[0, 2] = 4; // an eigenvector: one iteration
        var result = ConjugateGradients.Solve(op, b, new() { Tolerance = 1e-12 });
        result.Converged.Should().BeTrue();
        op.Products.Should().Be(result.Products).And.BeLessThan(result.Iterations + 2 + 5);
        ConjugateGradients.Solve(op, zeros(50, ScalarType.Float64))
            .Should().BeEquivalentTo(new { Products = 0, Iterations = 0, Converged = true, Residual = 0.0 });
        ConjugateGradients.Solve(op, zeros(50, 0, ScalarType.Float64)).Solution.shape.Should().Equal(50, 0);
    }

    [Fact]
    public void The_inverse_operator_undoes_the_operator_or_says_that_it_cannot()
    {
        using var scope = NewDisposeScope();
        using var op = new DenseOperator(TestMatrices.WithSpectrum(Indefinite));
        using var inverse = new InverseOperator(op, new() { Tolerance = 1e-11 }, SolveMethod.Minres);
        Largest(inverse.ToDense() - linalg.inv(op.ToDense())).Should().BeLessThan(1e-8);
        using var damped = new InverseOperator(op, new() { Damping = 60, Tolerance = 1e-12 });
        Largest(damped.ToDense() - linalg.inv(op.ToDense() + 60 * eye(80, dtype: ScalarType.Float64))).Should().BeLessThan(1e-10);
        using var wrong = new InverseOperator(op);
        var x = TestMatrices.Normal(7, 80, 1).view(-1);
        ((Action)(() => wrong.Apply(x))).Should().Throw<SolveFailedException>().WithMessage("*NotDefinite*MINRES*")
            .Which.Statuses.Should().Equal(SolveStatus.NotDefinite);
    }

    [Fact]
    public void What_makes_no_sense_is_refused()
    {
        using var scope = NewDisposeScope();
        using var op = new DiagonalOperator(1, 2, 3);
        using var other = new DiagonalOperator(1, 2);
        using var negative = new DiagonalOperator(-1, -1, -1);
        using var infinite = new DiagonalOperator(1, double.PositiveInfinity, 1);
        var b = ones(3, ScalarType.Float64);
        Refused<ArgumentException>(() => ConjugateGradients.Solve(op, ones(3)));
        Refused<ArgumentException>(() => Minres.Solve(op, ones(2, ScalarType.Float64)));
        Refused<ArgumentException>(() => Minres.Solve(op, tensor(new[] { 1, double.NaN, 1 })));
        Refused<ArgumentException>(() => ConjugateGradients.Solve(op, b, new() { Preconditioner = other }));
        Refused<ArgumentOutOfRangeException>(() => ConjugateGradients.Solve(op, b, new() { Tolerance = -1 }));
        Refused<ArgumentOutOfRangeException>(() => ConjugateGradients.Solve(op, b, new() { MaxIterations = 0 }));
        Refused<ArgumentOutOfRangeException>(() => ConjugateGradients.Solve(op, b, new() { Damping = double.NaN }));
        Refused<InvalidOperationException>(() => ConjugateGradients.Solve(op, b, new() { Preconditioner = negative }));
        Refused<InvalidOperationException>(() => Minres.Solve(op, b, new() { Preconditioner = negative }));
        Refused<InvalidOperationException>(() => ConjugateGradients.Solve(infinite, b));
        Refused<ArgumentNullException>(() => Minres.Solve(null!, b));
        Refused<ArgumentNullException>(() => Minres.Solve(op, null!));
        Refused<ArgumentOutOfRangeException>(() => _ = new InverseOperator(op, method: (SolveMethod)7));
    }

    [Fact]
    public void A_recurrence_that_believes_too_much_is_started_again_from_the_residual()
    {
        using var scope = NewDisposeScope();
        using var op = new DiagonalOperator(1, 1, 1);
        var b = tensor(new[] { 1.0, 2, 3 });
        var (good, bad) = (new Believer(0.9), new Believer(0.2));
        var result = SolveDriver.Run(op, b, new() { Tolerance = 2e-6 }, Progress.None, (_, _) => good);
        result.Converged.Should().BeTrue();
        result.Residual.Should().BeLessThan(2e-6 * b.norm().item<double>());
        good.Starts.Should().Be(6, "each start gains a digit");
        var stuck = SolveDriver.Run(op, b, new() { Tolerance = 1e-6 }, Progress.None, (_, _) => bad);
        stuck.Statuses.Should().Equal(SolveStatus.RoundOff);
        stuck.Residual.Should().BeApproximately(0.8 * b.norm().item<double>(), 1e-12);
    }

    /// <summary>Claims to have solved after a step, with a part of the solution of a system with the identity.</summary>
    private sealed class Believer(double part) : ISolveRecurrence
    {
        private Tensor _right = zeros(1);

        public int Starts { get; private set; }

        public Tensor Next => _right;

        public Tensor X => part * _right;

        public double Estimate { get; private set; } = 1;

        public SolveStatus? Status => null;

        public void Begin(Tensor right)
        {
            (_right, Estimate) = (right.clone().DetachFromDisposeScope(), 1);
            Starts++;
        }

        public void Advance(Tensor product) => Estimate = 0;
    }

    private static void Refused<T>(Action action) where T : Exception => action.Should().Throw<T>();

    private static double Largest(Tensor t) => t.abs().max().item<double>();
}
