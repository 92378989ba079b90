using System.Globalization;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using LocalHessian.Internal;
using LocalHessian.Tests.Cases;
using static TorchSharp.torch;

namespace LocalHessian.Tests.Internal;

public class NativeHeapTests
{
    [LinuxMemoryFact]
    public void Large_matrices_ask_for_huge_pages_and_small_ones_do_not()
    {
        using var large = MatrixTooLargeException.Allocate(4096, 4096, ScalarType.Float32, CPU, null, "");
        using var small = MatrixTooLargeException.Allocate(64, 64, ScalarType.Float32, CPU, null, "");

        FlagsAt(AddressOf(large) + large.numel() * 2).Should().Contain("hg");
        FlagsAt(AddressOf(small)).Should().NotContain("hg");
    }

    private static long AddressOf(Tensor t) =>
        Unsafe.ByteOffset(ref Unsafe.NullRef<byte>(), ref MemoryMarshal.GetReference(t.bytes));

    /// <summary>What the kernel has been told about the memory at an address.</summary>
    private static string[] FlagsAt(long address)
    {
        var found = false;
        foreach (var line in File.ReadLines("/proc/self/smaps"))
        {
            var words = line.Split([' ', '-'], StringSplitOptions.RemoveEmptyEntries);
            if (!words[0].EndsWith(':'))
                found = Hex(words[0]) <= address && address < Hex(words[1]);
            else if (found && words[0] == "VmFlags:")
                return words[1..];
        }

        throw new InvalidOperationException($"No memory at {address:x}.");
    }

    private static long Hex(string text) => long.Parse(text, NumberStyles.HexNumber, CultureInfo.InvariantCulture);
}
