using LocalHessian.Optim;
using LocalHessian.Tests.Cases;
using static TorchSharp.torch;

namespace LocalHessian.Tests.Optim;

public class NormsTests
{
    [Fact]
    public void Norms_are_those_of_each_tensor_in_order_whatever_their_size_dtype_and_layout()
    {
        using var scope = NewDisposeScope();
        var source = new Generator(5, CPU);
        Tensor Normal(params long[] shape) => Draws.Normal(source, shape);
        Tensor[] tensors =
        [
            // Small and large, contiguous or not, without dimensions, empty.
            Normal(7, 5), Normal(7, 5), Normal(5, 7).t(), Normal(7, 5).to(ScalarType.Float32),
            Normal(7, 5).to(ScalarType.Float32), Normal(5, 7), Normal(35),
            Normal(), Normal(), Normal(0, 3), Normal(0, 3), Normal(2, 4, 4, 3).permute(0, 3, 1, 2), Normal(2, 3, 4, 4),
            .. Enumerable.Range(0, 40).Select(_ => Normal(64, 64)),
            Normal(256, 256), Normal(256, 256), Normal(256, 257).t(), Normal(70_001), Normal(33, 71).to(ScalarType.Float32),
            Normal(200, 201).to(ScalarType.Float32), Normal(300, 300).to(ScalarType.Float32),
            Normal(5).to(ScalarType.Float16), Normal(9, 9).to(ScalarType.BFloat16), Normal(3, 3).to(ScalarType.Float32) * 1e-30,
            Normal(3, 3).to(ScalarType.Float32) * 1e30,
        ];
        var norms = Norms.Of(tensors);
        norms.dtype.Should().Be(ScalarType.Float64);
        var actual = norms.Host<double>();
        actual.Should().HaveCount(tensors.Length);
        foreach (var (i, t) in tensors.Index())
        {
            var expected = t.to(ScalarType.Float64).square().sum().sqrt().item<double>();
            actual[i].Should().BeApproximately(expected, expected * (t.dtype == ScalarType.Float64 ? 1e-13 : 1e-6),
                $"tensor {i}");
        }
    }
}
