namespace LocalHessian.Spectra;

/// <summary>The tridiagonal matrix of one start vector.</summary>
/// <param name="first">The row of the start vector in the basis.</param>
internal sealed class LanczosBlock(int first)
{
    private readonly List<double> _alphas = [], _betas = [];

    public int First => first;

    public int Count => _alphas.Count;

    /// <summary>The last off-diagonal entry, coupling to the vector not yet used; zero when the block is invariant.</summary>
    public double Beta => _betas[^1];

    public void Append(double alpha, double beta)
    {
        _alphas.Add(alpha);
        _betas.Add(beta);
    }

    /// <summary>Its eigenpairs, ascending, by a dense solver on the host.</summary>
    public List<RitzPair> Pairs()
    {
        var n = Count;
        var entries = new double[n * n];
        for (var i = 0; i < n; i++)
        {
            entries[i * n + i] = _alphas[i];
            if (i + 1 < n) entries[i * n + i + 1] = entries[(i + 1) * n + i] = _betas[i];
        }

        using var scope = NewDisposeScope();
        var (values, vectors) = linalg.eigh(tensor(entries, [n, n], device: CPU));
        var rows = vectors.t().contiguous().ToNumbers();
        return [.. values.ToNumbers().Select((value, i) =>
            new RitzPair(value, Beta * Math.Abs(rows[i * n + n - 1]), this, rows[(i * n)..((i + 1) * n)]))];
    }
}
