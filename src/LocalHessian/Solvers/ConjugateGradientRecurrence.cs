namespace LocalHessian;

/// <summary>Preconditioned conjugate gradients.</summary>
internal sealed class ConjugateGradientRecurrence : ISolveRecurrence
{
    private readonly Func<Tensor, Tensor>? _precondition;
    private readonly double _epsilon;
    private readonly Tensor _r;
    private double _rz, _curvature;

    public ConjugateGradientRecurrence(Tensor like, Func<Tensor, Tensor>? precondition, double epsilon)
    {
        (_precondition, _epsilon) = (precondition, epsilon);
        (X, _r, Next) = (empty_like(like), empty_like(like), empty_like(like));
    }

    public Tensor Next { get; }

    public Tensor X { get; }

    public double Estimate { get; private set; }

    public SolveStatus? Status { get; private set; }

    public void Begin(Tensor right)
    {
        X.zero_();
        _r.copy_(right);
        var z = Precondition();
        Next.copy_(z);
        (_rz, _curvature, Status) = (Product(z), 0, null);
        Estimate = Preconditioning.Norm(_r);
    }

    public void Advance(Tensor product)
    {
        var (curved, squared) = (Preconditioning.Plain(Next, product), Preconditioning.Plain(Next, Next));
        if (!(curved > _epsilon * _curvature * squared))
        {
            // Below round-off of the curvature seen, A is flat along p, and a step of any length leaves this part of the
            // residual; clearly below zero, A is not semi-definite.
            Status = curved < -1e3 * _epsilon * _curvature * squared ? SolveStatus.NotDefinite : SolveStatus.Inconsistent;
            return;
        }

        _curvature = Math.Max(_curvature, curved / squared);
        var step = _rz / curved;
        X.add_(Next, alpha: step);
        _r.add_(product, alpha: -step);
        Estimate = Preconditioning.Norm(_r);
        if (Estimate == 0) return;
        var z = Precondition();
        var next = Product(z);
        Next.mul_(next / _rz).add_(z);
        _rz = next;
    }

    private double Product(Tensor z) => _precondition is null ? Preconditioning.Plain(_r, z) : Preconditioning.Dot(_r, z);

    private Tensor Precondition() => _precondition is null ? _r : _precondition(_r);
}
