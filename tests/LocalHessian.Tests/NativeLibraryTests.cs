using static TorchSharp.torch;

namespace LocalHessian.Tests;

public class NativeLibraryTests
{
    [Fact]
    public void The_native_library_loads_and_computes()
    {
        using var x = ones(2, 3);
        x.sum().item<float>().Should().Be(6);
    }
}
