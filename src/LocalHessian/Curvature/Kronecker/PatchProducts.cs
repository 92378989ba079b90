namespace LocalHessian;

/// <summary>
/// The sum <c>A = Σ p pᵀ</c> over a convolution's patches p, batch after batch, without patches. With <c>X[u]</c> all that the
/// samples have in row u of the map, columns being entries of the row and channels, the patches at positions q enter only as
/// <c>A[o₁, o₂] = Σ_q X[q + o₁]ᵀ X[q + o₂]</c>, o₁ ≤ o₂ offsets of rows: a sum over u of <c>X[u]ᵀ X[u + o₂ − o₁]</c> that
/// depends on the offsets but for their distance only through where u begins and ends. So one product for each distance and
/// stretch of u does for all offsets; along the row, what it has of them at every position is added up in the end.
/// </summary>
/// <remarks>
/// For a 3×3 kernel with one zero around the map these are five products in place of forty-five blocks. Of long rows each strip
/// is multiplied with itself only.
/// </remarks>
internal sealed class PatchProducts : IDisposable
{
    private readonly List<PatchFold> _products;
    private Tensor? _total;

    /// <param name="plan">Which products.</param>
    /// <param name="like">Has their dtype and device.</param>
    public PatchProducts(PatchPlan plan, Tensor like)
    {
        Plan = plan;
        _products = [.. plan.Strips.Select(strip => new PatchFold(strip, plan, like))];
    }

    public PatchPlan Plan { get; }

    /// <summary>Patches that have been added.</summary>
    public long Count { get; private set; }

    /// <summary>The sum of all samples, as a batch of one.</summary>
    public Tensor Total => _total!;

    /// <summary>Adds a batch.</summary>
    public void Add(Tensor input)
    {
        var samples = input.shape[0];
        // Rows of the map, and within each the samples, so that a stretch of rows is a matrix without a copy.
        var rows = input.permute([2, 0, .. Enumerable.Range(3, (int)input.dim() - 3), 1])
            .reshape(Plan.Rows.Size * samples, Plan.Across.Size * Plan.Entry);
        foreach (var product in _products)
            for (var i = 0; i < Plan.Stretches.Count; i++)
                foreach (var start in product.Strip.Starts)
                    Add(product.Sums.select(0, i), rows.narrow(1, start * Plan.Entry, product.Strip.Count * Plan.Entry),
                        Plan.Stretches[i], samples);

        var total = input.sum(0, keepdim: true);
        if (_total is null) _total = total.DetachFromDisposeScope();
        else _total.add_(total);
        Count += samples * Plan.Positions;
    }

    /// <summary>
    /// Adds the blocks on and above the diagonal of Σ p pᵀ to a matrix; no more can be added to this afterwards.
    /// </summary>
    public void AddTo(Tensor matrix)
    {
        var offsets = Plan.Rows.Kernel;
        var blocks = matrix.view(offsets, Plan.Columns / offsets, offsets, Plan.Columns / offsets);
        // Of a product of rows with themselves what is below the diagonal is missing, and ends there.
        var folded = _products.Select(p => p.Folded()).Aggregate((a, b) => a.add_(b));
        for (long first = 0; first < offsets; first++)
            for (var second = first; second < offsets; second++)
            {
                var (start, end) = Plan.Rows.Common(first, second);
                for (var i = 0; i < Plan.Stretches.Count; i++)
                {
                    var stretch = Plan.Stretches[i];
                    if (stretch.Apart == second - first && stretch.Start >= start && stretch.Start < end)
                        blocks.select(0, first).select(1, second).add_(folded[i]);
                }
            }
    }

    public void Dispose()
    {
        foreach (var product in _products) product.Dispose();
        _total?.Dispose();
    }

    private void Add(Tensor sum, Tensor columns, PatchStretch stretch, long samples)
    {
        var here = columns.narrow(0, stretch.Start * samples, stretch.Count * samples);
        if (stretch.Apart == 0) new SymmetricSum(sum).Add(here);
        else
        {
            var further = stretch.Start + stretch.Apart * Plan.Rows.Dilation;
            sum.addmm_(here.t(), columns.narrow(0, further * samples, stretch.Count * samples));
        }
    }
}
