namespace LocalHessian.Spectra;

/// <summary>
/// A sketch <c>Y = AΩ = QR</c> of m vectors, and what each vector's removal takes from the span: without column i it is the
/// complement of <c>q_i = Q s_i</c>, s_i the unit vector orthogonal to all columns of R but the i-th (Epperly, Tropp and
/// Webber 2024, §3).
/// </summary>
/// <param name="Q">Orthonormal, <c>(n, m)</c>.</param>
/// <param name="R">Upper triangular, <c>(m, m)</c>.</param>
/// <param name="S">The vectors s_i as columns, <c>(m, m)</c>.</param>
internal sealed record LeaveOneOut(Tensor Q, Tensor R, Tensor S)
{
    /// <summary>Of a sketch with fewer vectors than rows; null where it is zero.</summary>
    public static LeaveOneOut? Of(Tensor sketch)
    {
        var (q, r) = linalg.qr(sketch);
        var diagonal = r.diagonal();
        var size = diagonal.abs().max().ToNumber();
        if (size == 0) return null;
        // Of a sketch without full rank the complement of a column is not unique, and any will do: a small number keeps R
        // invertible.
        var small = Precision.Epsilon(r.dtype) * size;
        var regular = r + diag(where(diagonal.abs() < small, full_like(diagonal, small), zeros_like(diagonal)));
        var s = linalg.solve_triangular(regular, eye(r.shape[0], dtype: r.dtype, device: r.device), upper: true).t();
        return new(q, r, s / s.norm(0, keepdim: true));
    }
}
