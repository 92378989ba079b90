namespace LocalHessian;

/// <summary>
/// The Lanczos recurrence of <c>A + δI</c> (in the inner product of M), and the QR factorisation of its tridiagonal matrix by
/// one rotation a step; names as in Paige and Saunders' program.
/// </summary>
internal sealed class MinresRecurrence : ISolveRecurrence
{
    private readonly Func<Tensor, Tensor>? _precondition;
    private readonly double _epsilon;
    private Tensor _r1, _r2, _w1, _w2;
    private double _beta, _oldBeta, _epsln, _dbar, _phibar, _cs, _sn, _norm, _scale;

    public MinresRecurrence(Tensor like, Func<Tensor, Tensor>? precondition, double epsilon)
    {
        (_precondition, _epsilon) = (precondition, epsilon);
        (X, Next, _r1, _r2) = (empty_like(like), empty_like(like), empty_like(like), empty_like(like));
        (_w1, _w2) = (empty_like(like), empty_like(like));
    }

    public Tensor Next { get; }

    public Tensor X { get; }

    public double Estimate { get; private set; }

    public SolveStatus? Status { get; private set; }

    public void Begin(Tensor right)
    {
        foreach (var zero in new[] { X, _w1, _w2 }) zero.zero_();
        _r2.copy_(right);
        var z = Precondition();
        _beta = _phibar = Math.Sqrt(Preconditioning.Dot(_r2, z));
        (_oldBeta, _epsln, _dbar, _cs, _sn, _norm, Status) = (0, 0, 0, -1, 0, 0, null);
        Next.copy_(z).div_(_beta);
        // φ̄ is the residual in M⁻¹'s norm; in the same proportion it stands for the plain norm, until that is computed.
        Estimate = Preconditioning.Norm(right);
        _scale = Estimate / _phibar;
    }

    public void Advance(Tensor product)
    {
        // Lanczos: βv' = Av − αv − β_old v_old, in terms of r = βM v.
        if (_oldBeta > 0) product.add_(_r1, alpha: -_beta / _oldBeta);
        var alpha = Preconditioning.Plain(Next, product);
        product.add_(_r2, alpha: -alpha / _beta);
        (_r1, _r2) = (_r2, _r1);
        _r2.copy_(product);
        var z = Precondition();
        (_oldBeta, _beta) = (_beta, Math.Sqrt(Preconditioning.Dot(_r2, z)));
        _norm = Math.Max(_norm, Math.Sqrt(alpha * alpha + _oldBeta * (_norm > 0 ? _oldBeta : 0) + _beta * _beta));

        // The previous rotation, then the one that makes the subdiagonal zero.
        var oldEpsln = _epsln;
        var delta = _cs * _dbar + _sn * alpha;
        var gbar = _sn * _dbar - _cs * alpha;
        (_epsln, _dbar) = (_sn * _beta, -_cs * _beta);
        var root = Math.Sqrt(gbar * gbar + _dbar * _dbar);
        var gamma = Math.Sqrt(gbar * gbar + _beta * _beta);
        // ‖Ar‖ = φ̄·root before this step: as good as nothing is left of the residual in the range of A. Beyond √eps the
        // recurrence only lets parts outside of the range grow.
        if (root <= Math.Sqrt(_epsilon) * _norm)
        {
            Status = SolveStatus.Inconsistent;
            return;
        }

        (_cs, _sn) = (gbar / gamma, _beta / gamma);
        var phi = _cs * _phibar;
        _phibar *= _sn;
        // w = (v − ε w_old − δ w)/γ, in the memory of the oldest.
        _w1.mul_(-oldEpsln).add_(_w2, alpha: -delta).add_(Next).div_(gamma);
        (_w1, _w2) = (_w2, _w1);
        X.add_(_w2, alpha: phi);
        Estimate = _phibar * _scale;
        // The space is complete; the residual will say whether it was enough.
        if (_beta <= _epsilon * _norm) Status = SolveStatus.Inconsistent;
        else Next.copy_(z).div_(_beta);
    }

    private Tensor Precondition() => _precondition is null ? _r2 : _precondition(_r2);
}
