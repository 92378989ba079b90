using System.Globalization;
using System.Numerics;
using TorchSharp;
using static TorchSharp.torch;

namespace LocalHessian;

/// <summary>A dense matrix was asked for that is larger than allowed; thrown before anything is allocated.</summary>
public sealed class MatrixTooLargeException : InvalidOperationException
{
    private MatrixTooLargeException(string message, BigInteger bytesNeeded, long bytesAllowed) : base(message) =>
        (BytesNeeded, BytesAllowed) = (bytesNeeded, bytesAllowed);

    /// <summary>What the matrix would take, in bytes; it may exceed 64 bits.</summary>
    public BigInteger BytesNeeded { get; }

    /// <summary>The limit, in bytes.</summary>
    public long BytesAllowed { get; }

    /// <summary>Half of the memory that this process may use (its container's or the machine's), in bytes.</summary>
    /// <remarks>Half, because spectral routines work on a copy. The memory of other devices is not known to TorchSharp.</remarks>
    public static long DefaultLimit => GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / 2;

    /// <summary>Refuses a matrix that is too large.</summary>
    /// <param name="rows">Rows of the matrix.</param>
    /// <param name="columns">Columns of the matrix.</param>
    /// <param name="dtype">Its dtype.</param>
    /// <param name="maxBytes">The limit in bytes; <see cref="DefaultLimit"/> when null.</param>
    /// <param name="advice">A sentence that says what to use instead.</param>
    /// <exception cref="MatrixTooLargeException">The matrix would take more than the limit.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The limit is negative.</exception>
    public static void ThrowIfTooLarge(long rows, long columns, ScalarType dtype, long? maxBytes, string advice)
    {
        var allowed = maxBytes ?? DefaultLimit;
        ArgumentOutOfRangeException.ThrowIfNegative(allowed, nameof(maxBytes));
        var needed = new BigInteger(rows) * columns * dtype.ElementSize();
        if (needed <= allowed) return;
        throw new MatrixTooLargeException(string.Create(CultureInfo.InvariantCulture,
            $"A dense {rows} x {columns} {dtype} matrix takes {needed:N0} bytes; the limit is {allowed:N0} bytes. {advice}"),
            needed, allowed);
    }
}
