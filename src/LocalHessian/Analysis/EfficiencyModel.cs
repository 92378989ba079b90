namespace LocalHessian;

/// <summary>
/// The quadratic model of a loss along its gradient and at its minimum: <c>gᵀHg</c>, and <c>gᵀH⁺g</c> by conjugate gradients.
/// </summary>
internal static class EfficiencyModel
{
    public static SignalEfficiency Of(
        SymmetricOperator h, Tensor g, double loss, double step, double? tolerance, int maxIterations,
        IProgress<OperationProgress>? progress, CancellationToken cancellationToken)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        var squared = Dot(g, g);
        if (squared == 0) return SignalEfficiency.Of(loss, step, 0, 0, 0, 0, true);
        var curvature = Dot(g, h.Apply(g, cancellationToken));
        var options = new SolveOptions { Tolerance = tolerance, MaxIterations = maxIterations };
        var solve = ConjugateGradients.Solve(h, g, options, progress, cancellationToken);
        var best = solve.Statuses[0] == SolveStatus.NotDefinite ? double.PositiveInfinity : Dot(g, solve.Solution);
        return SignalEfficiency.Of(loss, step, squared, curvature, best, solve.Iterations, solve.Converged);
    }

    private static double Dot(Tensor a, Tensor b) => a.to(ScalarType.Float64).dot(b.to(ScalarType.Float64)).ToNumber();
}
