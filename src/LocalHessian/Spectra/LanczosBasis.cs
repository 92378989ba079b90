namespace LocalHessian.Spectra;

/// <summary>
/// The vectors of a Lanczos recurrence: the rows of one preallocated matrix, in the operator's working precision.
/// </summary>
internal sealed class LanczosBasis
{
    private readonly Tensor _rows;
    private readonly Tensor? _rounded;

    /// <param name="op">The operator.</param>
    /// <param name="capacity">The number of vectors to make room for.</param>
    public LanczosBasis(SymmetricOperator op, int capacity)
    {
        var dtype = Precision.Working(op.Dtype);
        _rows = MatrixTooLargeException.Allocate(capacity, op.Size, dtype, op.Device, null, "Ask for fewer Lanczos steps.");
        _rounded = dtype == ScalarType.Float64 ? null : empty(op.Size, dtype, op.Device);
    }

    public Tensor this[int index] => _rows[index];

    public void Store(int index, Tensor vector) => _rows[index].copy_(vector);

    /// <summary>Takes the parts along the first vectors out of another, float64.</summary>
    public void RemoveFrom(Tensor vector, int count)
    {
        var some = _rows.narrow(0, 0, count);
        _rounded?.copy_(vector);
        vector.sub_(some.t().mv(some.mv(_rounded ?? vector)));
    }

    /// <summary>Combinations of the first vectors, <c>(size, k)</c> in float64.</summary>
    /// <param name="coefficients"><c>(count, k)</c> in float64.</param>
    /// <param name="piece">Numbers that are float64 at once: a copy of a whole float32 basis would take twice its memory.</param>
    public Tensor Combine(Tensor coefficients, long piece)
    {
        var (count, size) = (coefficients.shape[0], _rows.shape[1]);
        var weights = coefficients.t().to(_rows.device);
        var result = empty([weights.shape[0], size], ScalarType.Float64, _rows.device);
        var width = Math.Max(1, piece / count);
        for (long start = 0; start < size; start += width)
        {
            using var scope = NewDisposeScope();
            var some = Math.Min(width, size - start);
            var columns = _rows.narrow(0, 0, count).narrow(1, start, some).to(ScalarType.Float64);
            result.narrow(1, start, some).copy_(weights.mm(columns));
        }

        return result.t();
    }
}
