namespace LocalHessian.Spectra;

/// <summary>Extreme eigenvalues and eigenvectors of a symmetric operator, by Lanczos with full reorthogonalisation.</summary>
/// <remarks>
/// <para>Products run until the wanted pairs have converged, checked every fifth step, or <see cref="LanczosOptions.MaxSteps"/>
/// is reached; the basis takes that many vectors of memory. One more product for each pair then gives its residual, which is what
/// is reported and believed, in every dtype: round-off, which the recurrence's own estimate does not see, is in it.</para>
/// <para>When the space of the start vector turns out to be invariant (a zero operator, a low rank, a start vector that is an
/// eigenvector), the search restarts from a random vector orthogonal to it, until a restart brings nothing new; copies of a
/// multiple eigenvalue are found that way. Without such a breakdown only one copy of a multiple eigenvalue is certain.</para>
/// </remarks>
public static class Lanczos
{
    /// <summary>The algebraically largest and smallest eigenvalues.</summary>
    /// <param name="op">The operator.</param>
    /// <param name="largest">How many from the top.</param>
    /// <param name="smallest">How many from the bottom.</param>
    /// <param name="options">Steps, tolerance, seed and start vector; null for the defaults.</param>
    /// <param name="progress">
    /// Is told between products, <see cref="LanczosOptions.MaxSteps"/> being the whole; null for nobody.
    /// </param>
    /// <param name="cancellationToken">Stops the call within one product.</param>
    /// <exception cref="ArgumentException">
    /// Counts that exceed the operator's size or the steps; a start vector that is zero, not finite or does not fit.
    /// </exception>
    /// <exception cref="InvalidOperationException">A product is NaN or infinite.</exception>
    /// <exception cref="OperationCanceledException">The call is cancelled.</exception>
    public static LanczosResult Eigenvalues(
        SymmetricOperator op, int largest = 1, int smallest = 0, LanczosOptions? options = null,
        IProgress<OperationProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        using var scope = NewDisposeScope();
        return Run(op, largest, smallest, options ?? new(), new Progress("Lanczos", progress, cancellationToken)).Result;
    }

    /// <summary>The same with the eigenvectors.</summary>
    /// <returns>
    /// The result, and the orthonormal eigenvectors as the columns of an <c>(n, k)</c> tensor in the order of the eigenvalues,
    /// in the operator's dtype and on its device; the tensor is the caller's to dispose.
    /// </returns>
    /// <inheritdoc cref="Eigenvalues"/>
    public static (LanczosResult Result, Tensor Vectors) Eigenpairs(
        SymmetricOperator op, int largest = 1, int smallest = 0, LanczosOptions? options = null,
        IProgress<OperationProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        using var scope = NewDisposeScope();
        var watch = new Progress("Lanczos", progress, cancellationToken);
        var (result, vectors) = Run(op, largest, smallest, options ?? new(), watch);
        return (result, vectors.MoveToOuterDisposeScope());
    }

    private static (LanczosResult Result, Tensor Vectors) Run(
        SymmetricOperator op, int largest, int smallest, LanczosOptions options, Progress progress)
    {
        ArgumentNullException.ThrowIfNull(op);
        options.Validate(op, largest, smallest);
        using var call = new RandomizedCall(op, options.Seed);
        var process = new LanczosProcess(op, options.MaxSteps);
        var tolerance = options.Tolerance ?? LanczosOptions.DefaultTolerance(op.Dtype);
        var search = new LanczosSearch(process, op, largest, smallest, tolerance, progress.Cancellation);
        var start = options.Start?.detach() ?? call.Random.Normal();
        if (!LanczosDriver.Run(process, start, _ => search.Settled(), () => call.Random.Normal(), progress))
            throw new ArgumentException("The start vector is zero.", nameof(options));
        var (result, vectors) = search.Result();
        return (result, vectors.MoveToOuterDisposeScope());
    }
}
