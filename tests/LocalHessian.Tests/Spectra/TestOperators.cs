using LocalHessian.Tests.Cases;
using static TorchSharp.torch;

namespace LocalHessian.Tests.Spectra;

/// <summary>A diagonal operator whose spectrum is known, and which counts its products.</summary>
internal sealed class DiagonalOperator : SymmetricOperator
{
    private readonly Tensor _diagonal;

    public DiagonalOperator(Tensor diagonal) : base(diagonal.shape[0], diagonal.dtype, diagonal.device) =>
        _diagonal = diagonal.detach().DetachFromDisposeScope();

    public DiagonalOperator(params double[] diagonal) : this(tensor(diagonal)) { }

    public long Products { get; private set; }

    /// <summary>Called with each product, before it.</summary>
    public Action? OnProduct { get; init; }

    protected override Tensor Multiply(Tensor columns)
    {
        for (var i = 0; i < columns.shape[1]; i++)
        {
            Cancellation.ThrowIfCancellationRequested();
            Products++;
            OnProduct?.Invoke();
        }
        return _diagonal.unsqueeze(1) * columns;
    }

    protected override void Release() => _diagonal.Dispose();
}

internal static class TestMatrices
{
    public static Tensor Normal(int seed, long rows, long columns, ScalarType dtype = ScalarType.Float64) =>
        Draws.Normal(seed, [rows, columns], dtype);

    /// <summary>A dense symmetric matrix with the given eigenvalues in a random basis.</summary>
    public static Tensor WithSpectrum(double[] eigenvalues, int seed = 0)
    {
        using var scope = NewDisposeScope();
        var (q, _) = linalg.qr(Normal(seed, eigenvalues.Length, eigenvalues.Length));
        var a = q.mm(diag(tensor(eigenvalues))).mm(q.t());
        return ((a + a.t()) / 2).MoveToOuterDisposeScope();
    }
}
