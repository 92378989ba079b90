namespace LocalHessian;

/// <summary>Runs a method on all right-hand sides, with one product of all those still open at a time.</summary>
internal static class SolveDriver
{
    public static SolveResult Run(
        SymmetricOperator a, Tensor b, SolveOptions options, Progress progress,
        Func<Tensor, Func<Tensor, Tensor>?, ISolveRecurrence> begin)
    {
        ArgumentNullException.ThrowIfNull(a);
        ArgumentNullException.ThrowIfNull(b);
        a.ThrowIfUnfit(b, nameof(b));
        options.Validate(a);
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        Finite.ThrowUnless(b, "The right-hand side", nameof(b));
        var precondition = Preconditioning.Of(options.Preconditioner, progress.Cancellation);
        var right = b.detach().reshape(a.Size, b.dim() == 1 ? 1 : b.shape[1]).t().to(ScalarType.Float64).contiguous();
        var tolerance = options.RelativeTolerance(a.Dtype);
        var columns = Enumerable.Range(0, (int)right.shape[0])
            .Select(i => new SolveColumn(right[i], tolerance, options.MaxIterations, begin(right[i], precondition))).ToArray();
        var products = 0;
        while (columns.Where(c => c.Status is null).ToList() is { Count: > 0 } open)
        {
            progress.At(columns.Min(c => c.Fraction));
            products += open.Count;
            Advance(a, open, options.Damping, progress.Cancellation);
        }

        progress.At(1);
        var solution = columns.Length == 0
            ? b.detach().clone()
            : stack(columns.Select(c => c.X).ToArray()).t().reshape(b.shape).to(b.dtype);
        return new(
            solution.MoveToOuterDisposeScope(), [.. columns.Select(c => c.Residual)],
            columns.Select(c => c.Iterations).DefaultIfEmpty().Max(), products, [.. columns.Select(c => c.Status!.Value)]);
    }

    private static void Advance(SymmetricOperator a, List<SolveColumn> open, double damping, CancellationToken cancellation)
    {
        using var scope = NewDisposeScope();
        var rows = stack(open.Select(c => c.Next()).ToArray()).to(a.Dtype);
        var applied = rows.to(ScalarType.Float64);
        var product = a.Apply(rows.t(), cancellation).t().to(ScalarType.Float64).contiguous();
        if (damping != 0) product.add_(applied, alpha: damping);
        if (!Finite.Is(product))
            throw new NonFiniteProductException($"A product of {a.GetType().Name} is not finite.");
        for (var i = 0; i < open.Count; i++) open[i].Advance(applied[i], product[i]);
    }
}
