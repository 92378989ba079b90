namespace LocalHessian.Spectra;

/// <summary>
/// The Lanczos recurrence with full reorthogonalisation: a preallocated basis, and the tridiagonal matrices of one or more
/// invariant blocks on the host.
/// </summary>
/// <remarks>
/// <para>Each step removes the two neighbours; a pass, two matrix-vector products, removes what round-off left of all vectors.
/// It is repeated only where it took away a good part of the vector (Daniel, Gragg, Kaufman and Stewart 1976): as the
/// neighbours are already gone this happens close to a breakdown alone.</para>
/// <para>Reading the basis is what a step costs beyond its product. A step without a pass lets the loss grow, at worst by norm/β:
/// where this is ordinary four of them stay far below the √eps that keeps the tridiagonal matrix exact to eps (Simon 1984).
/// The passes come in pairs, as the recurrence mixes two vectors: two steps with, four without; and always where β is small
/// beside the norm, as with outliers, which converge early and return. In half precision, whose √eps is a tenth, every step
/// has one.</para>
/// <para>The vector being made, its scalar products and norms are float64 whatever the operator's dtype: in float32 their
/// round-off, a sum's over all n entries, is a hundred times that of a product, and enters the tridiagonal matrix unseen. The
/// basis, which is what costs, stays in the working precision of the operator, and a vector is what has been stored of it.</para>
/// </remarks>
internal sealed class LanczosProcess
{
    private readonly SymmetricOperator _operator;
    private readonly LanczosBasis _basis;
    private readonly Tensor _work;
    private readonly double _roundOff;
    private readonly bool _isHalf;
    private Tensor _vector, _previous;
    private double _scale, _unit;
    private int _passesDue;

    /// <param name="op">The operator.</param>
    /// <param name="steps">The number of vectors to make room for; the size of the operator caps it.</param>
    public LanczosProcess(SymmetricOperator op, int steps)
    {
        _operator = op;
        Capacity = (int)Math.Min(op.Size, steps);
        _isHalf = op.Dtype != Precision.Working(op.Dtype);
        // What a product of a unit vector may be off by, relative to the norm. Half precision is rounded once, at the end.
        _roundOff = (_isHalf ? 1 : 32) * Precision.Epsilon(op.Dtype);
        _basis = new(op, Capacity);
        _work = empty(op.Size, ScalarType.Float64, op.Device);
        (_vector, _previous) = (empty_like(_work), empty_like(_work));
    }

    public int Capacity { get; }

    /// <summary>Numbers of the basis that are float64 at once when vectors are combined.</summary>
    public long Piece { get; init; } = 1 << 20;

    /// <summary>Vectors in the basis, which is the number of products so far.</summary>
    public int Count { get; private set; }

    /// <summary>The blocks in order; all but the last are invariant subspaces.</summary>
    public List<LanczosBlock> Blocks { get; } = [];

    /// <summary>An estimate of the operator's norm from the tridiagonal matrix, never above it.</summary>
    public double Scale => _scale * _unit;

    /// <summary>Forgets everything but the memory.</summary>
    public void Reset()
    {
        Count = 0;
        _scale = _unit = 0;
        _passesDue = 0;
        Blocks.Clear();
    }

    /// <summary>Starts a block from what the basis leaves of a vector; false when it leaves nothing.</summary>
    public bool Begin(Tensor start)
    {
        if (Count == Capacity) return false;
        using var scope = NewDisposeScope();
        _work.copy_(start.reshape(-1));
        // Normalised by its largest entry first: squares of very large or very small entries leave the range of the dtype.
        var magnitude = _work.abs().max();
        _work.div_(magnitude);
        var (largest, norm, _) = Read(magnitude, _work.norm());
        if (largest == 0) return false;
        if (!double.IsFinite(largest))
            throw new NonFiniteProductException($"A product of {_operator.GetType().Name} with a random vector is not finite.");
        if (Count > 0) norm = Reorthogonalise(norm);
        if (norm == 0) return false;
        Store(norm);
        Blocks.Add(new LanczosBlock(Count));
        return true;
    }

    /// <summary>One product; false when the block is complete, because its space is invariant or the basis full.</summary>
    public bool Step(CancellationToken cancellation)
    {
        using var scope = NewDisposeScope();
        var block = Blocks[^1];
        var v = _basis[Count];
        (_vector, _previous) = (_previous, _vector);
        _vector.copy_(v);
        _work.copy_(_operator.Apply(v.to(_operator.Dtype), cancellation));
        Count++;
        if (_isHalf || Count % 6 == 0) _passesDue = 2;
        var due = _passesDue > 0;
        var (alpha, beta, after) = _unit == 0 ? FirstProjection(due) : Projection(block, due);
        if (beta < 0.3 * Math.Max(_scale, Math.Abs(alpha))) _passesDue = 2;
        if (_passesDue-- > 0) beta = due ? Reorthogonalised(beta, after, passes: 1) : Reorthogonalise(beta);
        if (!double.IsFinite(alpha) || !double.IsFinite(beta))
            throw new NonFiniteProductException(
                $"Product {Count} of {_operator.GetType().Name} with a unit vector is not finite.");
        _scale = Math.Max(_scale, Math.Max(Math.Abs(alpha), beta));
        // Below this a product's own round-off is all that is left.
        if (beta <= _roundOff * _scale || Count == _operator.Size) beta = 0;
        block.Append(alpha * _unit, beta * _unit);
        if (beta == 0 || Count == Capacity) return false;
        Store(beta);
        return true;
    }

    /// <summary>Combinations of the basis, <c>(size, k)</c> in float64, from coefficients <c>(Count, k)</c> in float64.</summary>
    public Tensor Combine(Tensor coefficients) => _basis.Combine(coefficients, Piece);

    private void Store(double norm) => _basis.Store(Count, _work.div_(norm));

    /// <summary>
    /// Removes the two neighbours from the product and, where a pass is due, the basis. What the step has to know, <c>vᵀHv</c>
    /// and the norms before and after the pass, is read in one go: each reading waits for the device.
    /// </summary>
    private (double Alpha, double Before, double After) Projection(LanczosBlock block, bool due)
    {
        if (_unit != 1) _work.div_(_unit);
        if (block.Count > 0) _work.add_(_previous, alpha: -block.Beta / _unit);
        var (alpha, norm) = Project();
        if (!due) return Read(alpha, norm);
        _basis.RemoveFrom(_work, Count);
        return Read(alpha, norm, _work.norm());
    }

    /// <summary>The same for the first product, which shows the unit of all; where that is not one, again in that unit.</summary>
    private (double Alpha, double Before, double After) FirstProjection(bool due)
    {
        var product = _work.clone();
        var (alpha, norm) = Project();
        var (first, before, largest) = Read(alpha, norm, product.abs().max());
        _unit = Unit(largest);
        if (_unit is 0 or 1) return (first, before, due ? PassedNorm() : double.NaN);
        _work.copy_(product).div_(_unit);
        (alpha, norm) = Project();
        (first, before, _) = Read(alpha, norm);
        return (first, before, due ? PassedNorm() : double.NaN);
    }

    private (Tensor Alpha, Tensor Norm) Project()
    {
        var alpha = _work.dot(_vector);
        _work.addcmul_(_vector, alpha, -1);
        return (alpha, _work.norm());
    }

    private double PassedNorm()
    {
        _basis.RemoveFrom(_work, Count);
        return Read(_work.norm()).First;
    }

    /// <summary>Removes the basis from the work vector; its norm before in, after out, zero when nothing is left.</summary>
    private double Reorthogonalise(double before) => Reorthogonalised(before, PassedNorm(), passes: 1);

    /// <summary>Goes on after passes of which the norms before and after the last are known.</summary>
    private double Reorthogonalised(double before, double after, int passes)
    {
        for (; after < 0.7 * before; passes++)
        {
            if (passes == 3) return 0; // each took a good part: the vector lies in the span
            (before, after) = (after, PassedNorm());
        }

        return after;
    }

    /// <summary>
    /// A power of two to divide products by, so that the squares in their norms stay in range; 1 for ordinary operators,
    /// 0 while all products have been zero.
    /// </summary>
    private static double Unit(double largest) =>
        largest == 0 ? 0
        : largest is > 1e-9 and < 1e9 || !double.IsFinite(largest) ? 1
        : Math.ScaleB(1, Math.ILogB(largest));

    private static (double First, double Second, double Third) Read(Tensor first, Tensor? second = null, Tensor? third = null)
    {
        using var host = stack([first, second ?? first, third ?? first]).cpu();
        var values = host.data<double>();
        return (values[0], values[1], values[2]);
    }
}
