namespace LocalHessian.Parallel;

/// <summary>
/// The processes (or threads) that train one network together, each on its own rows of the batch, and the one thing they need of
/// each other: sums.
/// </summary>
/// <remarks>
/// Every method is collective: all ranks call it, in the same order, with as many tensors of the same shapes and dtypes. Sums are
/// the same bits on every rank, which keeps weights the same. An instance is used from one thread.
/// </remarks>
public interface IRanks
{
    /// <summary>This one's number, from 0 to <see cref="Size"/> − 1.</summary>
    int Rank { get; }

    /// <summary>How many there are, at least 1.</summary>
    int Size { get; }

    /// <summary>Replaces each tensor by its weighted sum over ranks, Σ_r w_r·t_r, in place.</summary>
    /// <param name="tensors">Dense real floating-point tensors, outside of any graph; they may be none.</param>
    /// <param name="weight">This rank's w_r, finite. With 0 its tensors count as zero whatever they hold, NaN included. Default
    /// 1.</param>
    void Sum(IReadOnlyList<Tensor> tensors, double weight = 1);
}
