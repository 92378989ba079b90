namespace LocalHessian.Reporting;

/// <summary>How thoroughly a network's blocks are examined.</summary>
public sealed record ReportOptions
{
    /// <summary>Products for the ends of a spectrum, and for each probe of its rank. Hessians with at most that many rows are written down and are exact.</summary>
    /// <value>Default 60, at least two.</value>
    public int Steps { get; init; } = 60;

    /// <summary>Random vectors for traces and ranks of larger Hessians.</summary>
    /// <value>Default 4, at least two.</value>
    public int Probes { get; init; } = 4;

    /// <summary>Whether the efficiency of the signal is measured, at most <see cref="Steps"/> products for each of z and W.</summary>
    /// <value>Default true.</value>
    public bool Efficiency { get; init; } = true;

    /// <summary>Dotted names of the modules that begin a block; null for every linear layer and convolution.</summary>
    public IReadOnlyList<string>? Blocks { get; init; }

    /// <summary>Fixes the random vectors.</summary>
    public long Seed { get; init; }
}
