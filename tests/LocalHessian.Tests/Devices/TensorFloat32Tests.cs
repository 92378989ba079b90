using LocalHessian.Blocks;
using LocalHessian.Tests.Cases;
using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace LocalHessian.Tests.Devices;

public class TensorFloat32Tests
{
    [Theory, InlineData(false), InlineData(true)]
    public void It_is_off_inside_the_analysis_unless_allowed_and_as_before_afterwards(bool allowed)
    {
        using var scope = NewDisposeScope();
        var before = (backends.cuda.matmul.allow_tf32, backends.cudnn.allow_tf32);
        try
        {
            (backends.cuda.matmul.allow_tf32, backends.cudnn.allow_tf32) = (true, true);
            TensorFloat32.AllowedInAnalysis = allowed;
            var seen = new List<(bool, bool)>();
            using var network = new Lambda((l, x) =>
            {
                seen.Add((backends.cuda.matmul.allow_tf32,
                backends.cudnn.allow_tf32)); return l[0].call(x);
            }, ("a", Linear(3, 2)));
            var input = randn(4, 3);
            using (var loss = BackMatchingLoss.Of(network, input)) loss.ForWeight().Hessian();
            using (BackMatchingPass.Run(network, input, y => y.square().sum())) { }
            using var op = new Watching(() => seen.Add((backends.cuda.matmul.allow_tf32, backends.cudnn.allow_tf32)));
            op.Apply(randn(3));
            FluentActions.Invoking(() => BackMatchingLoss.Of(_ => throw new TimeoutException(), input)).Should()
                .Throw<TimeoutException>();

            seen.Count.Should().BeGreaterThan(2);
            seen.Should().OnlyContain(s => s.Item1 == allowed && s.Item2 == allowed);
            (backends.cuda.matmul.allow_tf32, backends.cudnn.allow_tf32).Should().Be((true, true));
        }
        finally
        {
            TensorFloat32.AllowedInAnalysis = false;
            (backends.cuda.matmul.allow_tf32, backends.cudnn.allow_tf32) = before;
        }
    }

    private sealed class Watching(Action seen) : SymmetricOperator(3, ScalarType.Float32, TestDevice.Current)
    {
        protected override Tensor Multiply(Tensor columns)
        {
            seen();
            return columns.clone();
        }
    }
}
