using System.Globalization;
using System.Numerics;
using System.Runtime.InteropServices;

namespace LocalHessian;

/// <summary>
/// A dense matrix was asked for that is larger than allowed, or than its device has room for; nothing has been allocated.
/// </summary>
public sealed class MatrixTooLargeException : InvalidOperationException
{
    private MatrixTooLargeException(string message, BigInteger bytesNeeded, long bytesAllowed) : base(message) =>
        (BytesNeeded, BytesAllowed) = (bytesNeeded, bytesAllowed);

    /// <summary>What the matrix would take, in bytes; it may exceed 64 bits.</summary>
    public BigInteger BytesNeeded { get; }

    /// <summary>The limit, in bytes. Where the device had no room it is above <see cref="BytesNeeded"/>: something else takes up
    /// its memory.</summary>
    public long BytesAllowed { get; }

    /// <summary>Half of the memory that this process may use (its container's or the machine's), in bytes.</summary>
    /// <remarks>Half, because spectral routines work on a copy.</remarks>
    public static long DefaultLimit => GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / 2;

    /// <summary>Half of the memory of a device, in bytes.</summary>
    /// <param name="device">CUDA's are asked, through the driver; <see cref="DefaultLimit"/> for others, and where the driver
    /// does not say.</param>
    public static long DefaultLimitOn(Device device)
    {
        ArgumentNullException.ThrowIfNull(device);
        return DeviceMemory.Total(device) / 2 ?? DefaultLimit;
    }

    /// <summary>Refuses a matrix that is too large.</summary>
    /// <param name="rows">Rows of the matrix.</param>
    /// <param name="columns">Columns of the matrix.</param>
    /// <param name="dtype">Its dtype.</param>
    /// <param name="maxBytes">The limit in bytes; <see cref="DefaultLimitOn"/> when null.</param>
    /// <param name="advice">A sentence that says what to use instead.</param>
    /// <param name="device">Where it will be; null for the CPU.</param>
    /// <exception cref="MatrixTooLargeException">The matrix would take more than the limit.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The limit is negative.</exception>
    public static void ThrowIfTooLarge(long rows, long columns, ScalarType dtype, long? maxBytes, string advice,
        Device? device = null)
    {
        var allowed = maxBytes ?? DefaultLimitOn(device ?? CPU);
        ArgumentOutOfRangeException.ThrowIfNegative(allowed, nameof(maxBytes));
        var needed = new BigInteger(rows) * columns * dtype.ElementSize();
        if (needed <= allowed) return;
        throw new MatrixTooLargeException(string.Create(CultureInfo.InvariantCulture,
            $"A dense {rows} x {columns} {dtype} matrix takes {needed:N0} bytes; the limit is {allowed:N0} bytes. {advice}"),
            needed, allowed);
    }

    /// <summary>An uninitialised matrix, refused where it is too large or its device has no room for it.</summary>
    internal static Tensor Allocate(long rows, long columns, ScalarType dtype, Device device, long? maxBytes, string advice)
    {
        ThrowIfTooLarge(rows, columns, dtype, maxBytes, advice, device);
        try
        {
            var matrix = empty(rows, columns, dtype, device);
            NativeHeap.PreferHugePages(matrix);
            return matrix;
        }
        catch (ExternalException e) when (e.Message.Contains("memory", StringComparison.Ordinal))
        {
            var needed = new BigInteger(rows) * columns * dtype.ElementSize();
            throw new MatrixTooLargeException(string.Create(CultureInfo.InvariantCulture,
                $"A dense {rows} x {columns} {dtype} matrix takes {needed:N0} bytes, for which {device} has no room. " +
                $"{advice} ({Describe.FirstLine(e)})"),
                needed, maxBytes ?? DefaultLimitOn(device));
        }
    }
}
