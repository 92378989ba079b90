namespace LocalHessian;

/// <summary>A square matrix known only by its products with vectors.</summary>
/// <remarks>
/// A subclass passes size, dtype and device to the constructor and fills in <see cref="Multiply(Tensor)"/>; nothing else. Sums,
/// differences, scalings and products of operators borrow their operands: disposing them disposes no operand, and they
/// throw <see cref="ObjectDisposedException"/> once an operand is disposed. Instances are not thread-safe.
/// </remarks>
public abstract class LinearOperator : IDisposable
{
    private bool _disposed;

    /// <summary>Fixes size, dtype and device.</summary>
    /// <param name="size">Rows and columns, at least one.</param>
    /// <param name="dtype">A real floating-point type.</param>
    /// <param name="device">Where vectors must be and products will be.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="size"/> is below one.</exception>
    /// <exception cref="ArgumentException"><paramref name="dtype"/> is not a real floating-point type.</exception>
    protected LinearOperator(long size, ScalarType dtype, Device device)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(size, 1);
        ArgumentNullException.ThrowIfNull(device);
        if (!torch.is_floating_point(dtype))
            throw new ArgumentException($"Operators work on real floating-point numbers, not on {dtype}.", nameof(dtype));
        (Size, Dtype, Device) = (size, dtype, device);
        NativeHeap.KeepFreed();
    }

    /// <summary>The number of rows, which is the number of columns.</summary>
    public long Size { get; }

    /// <summary>The dtype of vectors and products.</summary>
    public ScalarType Dtype { get; }

    /// <summary>The device of vectors and products.</summary>
    public Device Device { get; }

    /// <summary>The product with one vector or with many at once.</summary>
    /// <param name="v">A vector of shape <c>(n)</c>, or <c>k</c> vectors as the columns of an <c>(n, k)</c> tensor.</param>
    /// <returns>A new tensor of the shape of <paramref name="v"/>, without a graph.</returns>
    /// <exception cref="ArgumentException">Wrong length, dtype or device; the message gives both sides.</exception>
    /// <param name="cancellationToken">
    /// Checked before the product, and between the vectors or the parts of the data by operators that take them one after
    /// another.
    /// </param>
    /// <exception cref="ObjectDisposedException">The operator, or an operand of it, has been disposed.</exception>
    /// <exception cref="OperationCanceledException">The call is cancelled.</exception>
    public Tensor Apply(Tensor v, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(v);
        ObjectDisposedException.ThrowIf(_disposed, this);
        ThrowIfUnfit(v, nameof(v));
        cancellationToken.ThrowIfCancellationRequested();

        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        using var precise = new FullPrecisionScope();
        var columns = v.detach().reshape(Size, v.dim() == 1 ? 1 : v.shape[1]);
        var product = columns.shape[1] == 0 ? columns.clone() : Multiply(columns, cancellationToken);
        if (!product.shape.AsSpan().SequenceEqual(columns.shape) || product.dtype != Dtype)
            throw new InvalidOperationException(
                $"{GetType().Name}.{nameof(Multiply)} returned {product.dtype} of shape {Describe.Shape(product)} " +
                $"for {Dtype} of shape {Describe.Shape(columns)}.");
        return product.reshape(v.shape).MoveToOuterDisposeScope();
    }

    /// <summary>The product with the columns of a matrix: all that a subclass has to write.</summary>
    /// <param name="columns">
    /// <c>(n, k)</c> with <c>k ≥ 1</c>, checked, of the operator's dtype and device. Not to be modified, and not to be
    /// kept: it may be a view of the caller's tensor.
    /// </param>
    /// <returns>
    /// A new <c>(n, k)</c> tensor of the same dtype and device. It and all intermediates belong to the dispose scope of
    /// <see cref="Apply"/>. Gradient recording is off; a subclass that differentiates turns it on.
    /// </returns>
    protected abstract Tensor Multiply(Tensor columns);

    private Tensor Multiply(Tensor columns, CancellationToken cancellationToken)
    {
        Cancellation = cancellationToken;
        try
        {
            return Multiply(columns);
        }
        finally
        {
            Cancellation = default;
        }
    }

    /// <summary>
    /// The token of the call of <see cref="Apply"/> in progress, for a <see cref="Multiply(Tensor)"/> that has natural places to
    /// stop: it calls <c>Cancellation.ThrowIfCancellationRequested()</c> between vectors or batches, and hands it on to
    /// operators it applies.
    /// </summary>
    protected CancellationToken Cancellation { get; private set; }

    /// <summary>The matrix itself, <c>(n, n)</c>, by products with blocks of the identity's columns.</summary>
    /// <param name="maxBytes">The largest result allowed; by default half of the device's memory, of the CPU half of what this
    /// process may use.</param>
    /// <param name="progress">Is told between blocks of columns; null for nobody.</param>
    /// <param name="cancellationToken">Stops the call within one product.</param>
    /// <exception cref="MatrixTooLargeException">The result would be larger, or there is no room for it; nothing has been
    /// allocated.</exception>
    /// <exception cref="OperationCanceledException">The call is cancelled.</exception>
    public Tensor ToDense(
        long? maxBytes = null, IProgress<OperationProgress>? progress = null, CancellationToken cancellationToken = default) =>
        ToDense(maxBytes, new Progress("dense matrix", progress, cancellationToken), VectorsAtOnce(Size));

    internal Tensor ToDense(long? maxBytes, Progress progress, long vectorsAtOnce)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        using var scope = NewDisposeScope();
        var dense = MatrixTooLargeException.Allocate(
            Size, Size, Dtype, Device, maxBytes,
            "Keep the operator: products, Spectra.Lanczos, density and trace need no matrix.");
        for (long start = 0; start < Size; start += vectorsAtOnce)
        {
            progress.At((double)start / Size);
            using var block = NewDisposeScope();
            var count = Math.Min(vectorsAtOnce, Size - start);
            var columns = zeros(count, Size, Dtype, Device).t(); // each vector contiguous
            columns.narrow(0, start, count).diagonal().fill_(1);
            dense.narrow(1, start, count).copy_(Apply(columns, progress.Cancellation));
        }
        progress.At(1);
        return dense.MoveToOuterDisposeScope();
    }

    /// <summary>Refuses what is no vector, or no columns, of the operator's size, dtype and device.</summary>
    internal void ThrowIfUnfit(Tensor v, string name)
    {
        if (v.dim() is not (1 or 2) || v.shape[0] != Size)
            throw new ArgumentException(
                $"The operator takes a vector of shape [{Size}] or columns of shape [{Size}, k], not {Describe.Shape(v)}.", name);
        if (v.dtype != Dtype)
            throw new ArgumentException(
                $"The operator is {Dtype} and the vector {v.dtype}; convert the vector with to_type.", name);
        if (!SameDevice(v.device, Device))
            throw new ArgumentException(
                $"The operator is on {Device} and the vector on {v.device}; move the vector with to.", name);
    }

    /// <summary>Releases what the operator itself owns, never its operands. Twice is harmless.</summary>
    public void Dispose()
    {
        if (!_disposed) Release();
        _disposed = true;
        GC.SuppressFinalize(this);
    }

    /// <summary>Disposes the tensors that a subclass owns; called once. The default owns none.</summary>
    protected virtual void Release() { }

    /// <summary>The sum.</summary>
    public static LinearOperator operator +(LinearOperator a, LinearOperator b) => new LinearCombination(1, a, 1, b);

    /// <summary>The difference.</summary>
    public static LinearOperator operator -(LinearOperator a, LinearOperator b) => new LinearCombination(1, a, -1, b);

    /// <summary>The product <c>AB</c>, which applies <paramref name="b"/> first.</summary>
    public static LinearOperator operator *(LinearOperator a, LinearOperator b) => new ProductOperator(a, b);

    /// <summary>The operator times a finite number.</summary>
    public static LinearOperator operator *(double number, LinearOperator a) => new LinearCombination(number, a);

    /// <summary>The negative.</summary>
    public static LinearOperator operator -(LinearOperator a) => -1 * a;

    /// <summary>
    /// Vectors that routines hand over at once: at most 64, of at most a million numbers together. More numbers no longer stay in
    /// the caches between being drawn, multiplied and summed.
    /// </summary>
    internal static long VectorsAtOnce(long size) => Math.Clamp((1 << 20) / size, 1, 64);

    internal static bool SameDevice(Device a, Device b) =>
        a.type == b.type && (a.index == b.index || a.index < 0 || b.index < 0);
}
