namespace LocalHessian;

/// <summary>
/// One right-hand side: a recurrence, a check of the true residual at its end, and a new start from there where it pays.
/// </summary>
internal sealed class SolveColumn
{
    private const int ChecksACycle = 5;
    private readonly ISolveRecurrence _recurrence;
    private readonly Tensor _b, _x;
    private readonly double _limit;
    private readonly int _maxIterations;
    private double _aim, _start;
    private int _checks;
    private bool _checking;

    /// <param name="b">The right-hand side, float64.</param>
    /// <param name="tolerance">Relative to its norm.</param>
    /// <param name="maxIterations">Iterations at most.</param>
    /// <param name="recurrence">The method.</param>
    public SolveColumn(Tensor b, double tolerance, int maxIterations, ISolveRecurrence recurrence)
    {
        (_b, _x, _recurrence, _maxIterations) = (b, zeros_like(b), recurrence, maxIterations);
        Residual = Preconditioning.Norm(b);
        _limit = tolerance * Residual;
        if (Residual <= _limit) Status = SolveStatus.Converged;
        else Begin(b);
    }

    /// <summary>The solution, float64 with the values that the operator's dtype holds once <see cref="Status"/> is set.</summary>
    public Tensor X => _x;

    /// <summary>The last residual computed.</summary>
    public double Residual { get; private set; }

    public int Iterations { get; private set; }

    public SolveStatus? Status { get; private set; }

    /// <summary>The vector whose product comes next: the recurrence's, or the solution.</summary>
    public Tensor Next() => _checking ? _x + _recurrence.X : _recurrence.Next;

    /// <summary>How far on the way, on the scale of digits gained.</summary>
    public double Fraction => Status is not null || Estimate <= _limit ? 1
        : Math.Max((double)Iterations / _maxIterations, Math.Log(Estimate / _start) / Math.Log(_limit / _start));

    private double Estimate => Math.Min(_recurrence.Estimate, Residual);

    /// <param name="applied">The vector as the operator saw it, float64.</param>
    /// <param name="product">Its product with A + δI, float64; may be overwritten.</param>
    public void Advance(Tensor applied, Tensor product)
    {
        if (_checking)
        {
            CheckResidual(applied, product);
            return;
        }

        _recurrence.Advance(product);
        Iterations++;
        _checking = _recurrence.Estimate <= _aim || _recurrence.Status is not null || Iterations == _maxIterations;
    }

    private void CheckResidual(Tensor solution, Tensor product)
    {
        var r = _b - product;
        var before = Residual;
        Residual = Preconditioning.Norm(r);
        _checking = false;
        var over = Residual <= _limit ? SolveStatus.Converged
            : _recurrence.Status == SolveStatus.NotDefinite ? SolveStatus.NotDefinite
            : Iterations == _maxIterations ? SolveStatus.MaxIterations
            : (SolveStatus?)null;
        if (over is null && _recurrence.Status is null && ++_checks < ChecksACycle && (_checks == 1 || Residual < before / 2))
        {
            // The recurrence's residual, or its norm, is another one: so much less is asked of it.
            _aim *= Math.Max(0.1, 0.5 * _limit / Residual);
            return;
        }

        var improved = Residual < _start / 2;
        if (over is null && !improved) over = _recurrence.Status ?? SolveStatus.RoundOff;
        if (Residual <= _start) _x.copy_(solution);
        else Residual = _start; // what there was before is better
        if (over is null) Begin(r);
        else Status = over;
    }

    private void Begin(Tensor right)
    {
        (_start, _aim, _checks) = (Residual, _limit, 0);
        _recurrence.Begin(right);
    }
}
