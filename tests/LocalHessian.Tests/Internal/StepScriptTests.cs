using LocalHessian.Internal;
using TorchSharp;
using static TorchSharp.torch;

namespace LocalHessian.Tests.Internal;

public class StepScriptTests
{
    [Fact]
    public void Norms_are_those_of_each_tensor_in_order_whatever_is_taken_together()
    {
        using var scope = NewDisposeScope();
        var source = new Generator(5, CPU);
        Tensor Normal(params long[] shape) => randn(shape, ScalarType.Float64, generator: source);
        Tensor[] tensors =
        [
            // Runs of one shape, some of them not contiguous; no run over another dtype or shape; without dimensions; empty; large ones.
            Normal(7, 5), Normal(7, 5), Normal(5, 7).t(), Normal(7, 5).to(ScalarType.Float32), Normal(7, 5).to(ScalarType.Float32), Normal(5, 7), Normal(35),
            Normal(), Normal(), Normal(0, 3), Normal(0, 3), Normal(2, 4, 4, 3).permute(0, 3, 1, 2), Normal(2, 3, 4, 4),
            .. Enumerable.Range(0, 40).Select(_ => Normal(64, 64)),
            Normal(256, 256), Normal(256, 256), Normal(256, 257).t(), Normal(70_001),
        ];
        var norms = StepScript.Norms(tensors);
        norms.dtype.Should().Be(ScalarType.Float64);
        var actual = norms.data<double>().ToArray();
        actual.Should().HaveCount(tensors.Length);
        foreach (var (i, t) in tensors.Index())
        {
            var expected = t.to(ScalarType.Float64).square().sum().sqrt().item<double>();
            actual[i].Should().BeApproximately(expected, expected * (t.dtype == ScalarType.Float32 ? 1e-6 : 1e-13), $"tensor {i}");
        }
    }
}
