using LocalHessian;
using LocalHessian.Spectra;
using TorchSharp;
using static TorchSharp.torch;

namespace CurvatureStudy;

/// <summary>A layer's mean Gauss-Newton eigenvalue beside the scale that Algorithm 2 divides its gradient by.</summary>
internal sealed record LayerReading(string Layer, double MeanEigenvalue, double Error, double? Scale);

/// <summary>What is measured: everything over all training images.</summary>
internal static class Curvature
{
    public static CurvatureReading Read(nn.Module<Tensor, Tensor> network, TrainingImages data, int step, Dictionary<string,
        double> multipliers)
    {
        using var scope = NewDisposeScope();
        using var curvature = Of(network, data);
        using var hessian = curvature.Hessian();
        var top = Math.Min(data.Classes, 10);
        var options = new LanczosOptions { Tolerance = 1e-2, MaxSteps = 40 };
        var (result, vectors) = Lanczos.Eigenpairs(hessian, top, 0, options);
        var gradient = curvature.Gradient();
        var share = vectors.t().mv(gradient).square().sum().item<float>() / gradient.square().sum().item<float>();
        var sharpness = result.Eigenvalues[^1];
        double? amended = null;
        if (multipliers.Count > 0)
        {
            using var scaled = new AmendedOperator(hessian, Multipliers(curvature, multipliers).to(hessian.Device));
            amended = Lanczos.Eigenvalues(scaled, 1, 0, options).Eigenvalues[^1];
        }

        var trace = TraceEstimator.Hutchinson(hessian, 10, seed: step);
        return new(step, curvature.Loss(), sharpness, amended, trace.Value, trace.StandardError, share, Accuracy(network, data));
    }

    public static SpectralMeasure Density(nn.Module<Tensor, Tensor> network, TrainingImages data, StudySettings settings)
    {
        using var curvature = Of(network, data);
        using var hessian = curvature.Hessian();
        return SpectralDensity.Estimate(hessian, probes: 1, steps: settings.DensitySteps);
    }

    public static List<LayerReading> Layers(nn.Module<Tensor, Tensor> network, TrainingImages data, Dictionary<string,
        double> multipliers)
    {
        using var curvature = Of(network, data);
        var readings = new List<LayerReading>();
        foreach (var parameter in curvature.Parameters)
        {
            using var layer = curvature.Restrict(parameter.Name);
            using var matrix = layer.GaussNewton();
            var trace = TraceEstimator.Hutchinson(matrix, 30);
            var name = parameter.Name[..parameter.Name.LastIndexOf('.')];
            double? scale = multipliers.TryGetValue(name, out var a) ? 1 / a : null;
            readings.Add(new(name, trace.Value / parameter.Count, trace.StandardError / parameter.Count, scale));
        }

        return readings;
    }

    public static NetworkCurvature Of(nn.Module<Tensor, Tensor> network, TrainingImages data) =>
        new(network, CurvatureLoss.CrossEntropy, data.All);

    private static Tensor Multipliers(NetworkCurvature curvature, Dictionary<string, double> multipliers) => cat(
        [
            .. curvature.Parameters.Select(
                p => full(p.Count, (float)multipliers[p.Name[..p.Name.LastIndexOf('.')]], float32, CPU)),
        ]);

    private static double Accuracy(nn.Module<Tensor, Tensor> network, TrainingImages data)
    {
        using var ungraded = no_grad();
        return network.call(data.Images).argmax(1).eq(data.Labels).to(float32).mean().item<float>();
    }
}
