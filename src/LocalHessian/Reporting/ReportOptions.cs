namespace LocalHessian.Reporting;

/// <summary>How thoroughly a network's blocks are examined.</summary>
/// <remarks>
/// A Hessian costs at most <c>Steps·(Probes + 1)</c> products. One product with H_z and H_W of every block costs about as
/// much as three forward and backward passes of the network, so that the defaults stay below 200 passes.
/// </remarks>
public sealed record ReportOptions
{
    /// <summary>Products for the ends of a spectrum and the efficiency of the signal, and for each probe.</summary>
    /// <value>Default 15, at least two. Ends that have not converged are bounds, which the table puts in brackets.</value>
    public int Steps { get; init; } = 15;

    /// <summary>Random vectors for mean and rank.</summary>
    /// <value>Default 2, at least two.</value>
    public int Probes { get; init; } = 2;

    /// <summary>Whether the efficiency of the signal is measured.</summary>
    /// <value>Default true. It costs products of its own for the last block alone, at most <see cref="Steps"/>.</value>
    public bool Efficiency { get; init; } = true;

    /// <summary>
    /// Names of modules or types that are to be one block each; null for the smallest blocks that nothing bypasses, in a
    /// chain the layers.
    /// </summary>
    public IReadOnlyList<string>? Blocks { get; init; }

    /// <summary>
    /// The largest Lanczos basis in bytes; it has fewer vectors, or is left out and said so, where a Hessian is larger.
    /// </summary>
    /// <value>Default 1 GiB, above zero.</value>
    public long MaxBytes { get; init; } = 1L << 30;

    /// <summary>Fixes the random vectors.</summary>
    public long Seed { get; init; }

    /// <summary>Hessians of at most that many rows are written down and are exact: it costs no more.</summary>
    internal long ExactRows => Steps * (Probes + 1L);

    internal void Validate()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(Steps, 2);
        ArgumentOutOfRangeException.ThrowIfLessThan(Probes, 2);
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxBytes, 1);
    }
}
