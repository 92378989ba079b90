#:project ../../src/LocalHessian/LocalHessian.csproj
#:property UseTorchBackend=true
// The curvature of a whole network over a data set: dotnet run samples/quickstart/curvature.cs
using LocalHessian;
using LocalHessian.Spectra;
using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

using var generator = manual_seed(1);
using var scope = NewDisposeScope();
using var model = Sequential(("hidden", Linear(8, 16)), ("tanh", Tanh()), ("head", Linear(16, 3)));
var x = randn(500, 8);
var y = x[.., ..3].argmax(1);

// Any batches that can be enumerated again, a DataLoader for example; the result is that of all 500 samples at once.
var data = CurvatureData.From(x.split(128).Zip(y.split(128)));
using var curvature = new NetworkCurvature(model, CurvatureLoss.CrossEntropy, data);
using var hessian = curvature.Hessian();
using var gaussNewton = curvature.GaussNewton();

Console.WriteLine(FormattableString.Invariant(
    $"loss {curvature.Loss():0.000}  gradient {curvature.GradientNorm():0.000}  weights {curvature.Size}"));
var top = Lanczos.Eigenvalues(hessian, largest: 3, smallest: 1);
var values = string.Join(" ", top.Eigenvalues.Select(e => FormattableString.Invariant($"{e:0.0000}")));
Console.WriteLine($"eigenvalues {values}{(top.Converged ? "" : " (not converged)")}");
var trace = TraceEstimator.Hutchinson(hessian, probes: 50);
Console.WriteLine(FormattableString.Invariant($"trace {trace.Value:0.00} ± {trace.StandardError:0.00}"));

// A damped Gauss-Newton step, preconditioned with K-FAC.
const double damping = 0.01;
using var kfac = curvature.Kfac();
using var inverse = kfac.Inverse(damping);
var gradient = curvature.Gradient();
var solve = ConjugateGradients.Solve(gaussNewton, gradient, new SolveOptions { Damping = damping, Preconditioner = inverse });
using (no_grad())
    foreach (var (parameter, step) in model.parameters().Zip(curvature.Split(solve.Solution.to(float32)))) parameter.sub_(step);
using var after = new NetworkCurvature(model, CurvatureLoss.CrossEntropy, data);
Console.WriteLine(FormattableString.Invariant(
    $"a Gauss-Newton step of {solve.Iterations} iterations: loss {after.Loss():0.000}"));
