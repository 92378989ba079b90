#:project ../../src/LocalHessian/LocalHessian.csproj
#:property UseTorchBackend=true
// An operator of one's own: dotnet run samples/quickstart/operator.cs
using LocalHessian;
using LocalHessian.Spectra;
using TorchSharp;
using static TorchSharp.torch;

using var generator = manual_seed(1);
using var scope = NewDisposeScope();
using var second = new SecondDifference(200);
var found = Lanczos.Eigenvalues(second, largest: 2, smallest: 0);
for (var k = 0; k < 2; k++)
{
    var exact = 2 - 2 * Math.Cos(Math.PI * (199 + k) / 201);
    Console.WriteLine(FormattableString.Invariant($"eigenvalue {found.Eigenvalues[k]:0.000000} exact {exact:0.000000}"));
}

using var curvature = new NetworkCurvature(nn.Linear(199, 1), CurvatureLoss.SquaredError, CurvatureData.Batch(randn(50, 199),
    randn(50, 1)));
using var hessian = curvature.Hessian();
var smooth = hessian + 0.1 * new Float32(second); // operators of any origin go together
Console.WriteLine(FormattableString.Invariant($"trace {TraceEstimator.Hutchinson(smooth, 200).Value:0}"));

/// <summary>
/// The matrix with 2 on its diagonal and −1 beside it. A subclass hands size, dtype and device over and says how columns are
/// multiplied.
/// </summary>
sealed class SecondDifference(long size) : SymmetricOperator(size, ScalarType.Float64, CPU)
{
    protected override Tensor Multiply(Tensor columns)
    {
        var result = 2 * columns;
        result[1..].sub_(columns[..^1]);
        result[..^1].sub_(columns[1..]);
        return result;
    }
}

/// <summary>An operator in another dtype.</summary>
sealed class Float32(SymmetricOperator inner) : SymmetricOperator(inner.Size, ScalarType.Float32, inner.Device)
{
    protected override Tensor Multiply(Tensor columns) => inner.Apply(columns.to(inner.Dtype),
        Cancellation).to(ScalarType.Float32);
}
