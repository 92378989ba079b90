using LocalHessian.Tests.Cases;
using TorchSharp;
using static TorchSharp.torch;

namespace LocalHessian.Tests;

/// <summary>The fault of libtorch that <see cref="Threads"/> keeps away from the tests.</summary>
public class UnwrittenMemoryTests
{
    [CpuFact]
    public void The_gradient_of_a_narrow_convolution_does_not_depend_on_what_memory_held_before()
    {
        for (var i = 0; i < 50; i++)
        {
            using var scope = NewDisposeScope();
            using var conv = nn.Conv2d(4, 4, 3, padding: 1);
            var x = randn(6, 4, 2, 2, requires_grad: true);
            var y = conv.call(x);
            foreach (var size in Enumerable.Range(1, 300)) full(size, double.NaN, ScalarType.Float32).Dispose();
            y.backward([ones_like(y)]);

            x.grad!.isfinite().all().item<bool>().Should().BeTrue();
        }
    }
}
