using CurvatureStudy;
using CurvatureStudy.Drawing;
using LocalHessian;
using LocalHessian.Spectra;
using ScottPlot.Plottables;
using VggCifar.Data;
using static TorchSharp.torch;

namespace Curvature.Tests;

/// <summary>The study's numbers against other ways to them, and as they leave through tables and pictures.</summary>
public sealed class ReadingTests : IDisposable
{
    private static readonly string[] Layers = ["conv1", "conv2", "conv3", "linear"];
    private readonly DataSet _images = SyntheticImages.Create(10, 64, 10);
    private readonly TrainingImages _data;

    public ReadingTests() => _data = new TrainingImages(_images, new StudySettings(1, 64, 1));

    public void Dispose()
    {
        _data.Dispose();
        _images.Dispose();
    }

    [Fact]
    public void A_reading_is_what_plain_computation_gives()
    {
        using var scope = NewDisposeScope();
        using var network = Network();
        var reading = CurvatureStudy.Curvature.Read(network, _data, step: 3, Layers.ToDictionary(l => l, _ => 2.0));
        var output = network.call(_data.Images);
        reading.Loss.Should().BeApproximately(nn.functional.cross_entropy(output, _data.Labels).item<float>(), 1e-4);
        reading.Accuracy.Should().Be(output.argmax(1).eq(_data.Labels).sum().item<long>() / 64.0);
        reading.Step.Should().Be(3);

        using var curvature = CurvatureStudy.Curvature.Of(network, _data);
        using var hessian = curvature.Hessian();
        var v = ones(curvature.Size);
        for (var i = 0; i < 60; i++) v = hessian.Apply(v / v.norm()); // power method
        reading.Sharpness.Should().BeApproximately(v.norm().item<float>(), 0.01 * reading.Sharpness);
        reading.Amended.Should().BeApproximately(2 * reading.Sharpness, 0.01 * reading.Sharpness, "√2 H √2 is 2H");

        var g = curvature.Gradient();
        var first = Math.Pow(g.dot(v / v.norm()).item<float>() / g.norm().item<float>(), 2);
        reading.Share.Should().BeInRange(first + 0.01, 1, "ten eigenvectors hold more than the first");
        var other = CurvatureStudy.Curvature.Read(network, _data, step: 4, []);
        other.Amended.Should().BeNull();
        other.Trace.Should().NotBe(reading.Trace, "each step has probes of its own");
        TraceEstimator.Hutchinson(hessian, 100, seed: 9).Value.Should().BeApproximately(reading.Trace, 5 * reading.TraceError);
    }

    [Fact]
    public void A_layers_mean_eigenvalue_is_its_trace_over_its_size_and_its_scale_the_inverse_of_the_multiplier()
    {
        using var network = Network();
        using var curvature = CurvatureStudy.Curvature.Of(network, _data);
        var multipliers = Layers.Select((l, i) => (l, i + 2.0)).ToDictionary();

        var layers = CurvatureStudy.Curvature.Layers(network, _data, multipliers);

        layers.Select(l => l.Layer).Should().Equal(Layers);
        foreach (var layer in layers)
        {
            using var part = curvature.Restrict(layer.Layer);
            using var ekfac = part.Ekfac(new() { Fisher = KroneckerFisher.Exact }); // has the trace of the matrix itself
            layer.MeanEigenvalue.Should().BeApproximately(ekfac.Trace() / part.Size, 5 * layer.Error);
            layer.Error.Should().BeLessThan(layer.MeanEigenvalue);
            layer.Scale.Should().Be(1 / multipliers[layer.Layer]);
        }
    }

    [Fact]
    public void The_surface_has_the_loss_in_its_middle_and_leaves_the_network_as_it_was()
    {
        using var scope = NewDisposeScope();
        using var network = Network();
        var before = network.parameters().Select(p => p.detach().clone()).ToList();
        var surface = LossSurface.Of(network, _data, 3, seed: 1);

        surface[1, 1].Should().Be(nn.functional.cross_entropy(network.call(_data.Images), _data.Labels).item<float>());
        surface.Cast<double>().Distinct().Should().HaveCount(9);
        foreach (var (parameter, value) in network.parameters().Zip(before)) parameter.Equals(value).Should().BeTrue();
        LossSurface.Of(network, _data, 3, seed: 1).Should().BeEquivalentTo(surface);
        LossSurface.Of(network, _data, 3, seed: 2)[0, 0].Should().NotBe(surface[0, 0]);
    }

    [Fact]
    public void Tables_and_pictures_hold_the_readings_each_under_its_own_name()
    {
        using var folder = new TemporaryFolder();
        var settings = new StudySettings(Steps: 2, Images: 64, Seed: 1) { Readings = 3, Grid = 3, DensitySteps = 6 };
        using Run sgd = new("SGD", 0.05, amended: false, _data, settings), amended = new("amended", 0.02, amended: true, _data,
            settings);
        Run[] runs = [sgd, amended];
        foreach (var run in runs) run.Train();
        var all = runs.SelectMany(r => r.Readings.Select(x => (Run: r, Reading: x))).ToList();

        Tables.Save(folder.Path, runs);

        var columns = Columns("readings.csv");
        foreach (var (name, value) in new (string, Func<CurvatureReading, double?>)[]
        {
            ("step", r => r.Step), ("loss", r => r.Loss), ("accuracy", r => r.Accuracy), ("sharpness", r => r.Sharpness),
            ("amended_sharpness", r => r.Amended), ("trace", r => r.Trace), ("trace_error", r => r.TraceError),
                ("gradient_share", r => r.Share),
        }) columns[name].Should().Equal(all.Select(a => Text(value(a.Reading))));
        columns["optimizer"].Should().Equal(all.Select(a => a.Run.Name));
        var layers = Columns("layers.csv");
        layers["mean_gauss_newton_eigenvalue"].Should().Equal(runs.SelectMany(r => r.Layers).Select(l => Text(l.MeanEigenvalue)));
        layers["scale"].Should().Equal(runs.SelectMany(r => r.Layers).Select(l => Text(l.Scale)));
        var densities = Columns("densities.csv");
        densities["step"].Distinct().Should().Equal("0", "2");
        densities["node"].Should().Equal(runs.SelectMany(r => r.Densities.SelectMany(d => d.Nodes)).Select(n => Text(n)));
        densities["weight"].Should().Equal(runs.SelectMany(r => r.Densities.SelectMany(d => d.Weights)).Select(n => Text(n)));

        var pictures = Pictures.Of(runs, [new double[3, 3], new double[3, 3]]).ToDictionary(p => p.File);
        foreach (var (file, value) in new (string, Func<CurvatureReading, double>)[]
            { ("loss.png", r => Math.Log10(r.Loss)), ("trace.png", r => r.Trace), ("share.png", r => r.Share) })
            Series(pictures[file].Plots[0]).Should().BeEquivalentTo(runs.Select(r => (r.Name,
                r.Readings.Select(value).ToArray())));
        Series(pictures["sharpness.png"].Plots[1]).Select(s => s.Values).Should().BeEquivalentTo(new[]
        {
            amended.Readings.Select(r => r.Sharpness).ToArray(), amended.Readings.Where(r => r.Amended is not null).Select(r =>
                r.Amended!.Value).ToArray(),
            [100, 100, 100],
        });
        foreach (var plot in pictures.Values.SelectMany(p => p.Plots)) plot.Dispose();

        Dictionary<string, string[]> Columns(string file)
        {
            var rows = File.ReadAllLines(Path.Combine(folder.Path, file)).Select(l => l.Split(',')).ToList();
            return rows[0].Select((name, i) => (name, rows.Skip(1).Select(r => r[i]).ToArray())).ToDictionary();
        }
    }

    private static nn.Module<Tensor, Tensor> Network()
    {
        manual_seed(1);
        return SmallNetwork.Create(10);
    }

    private static string Text(double? value) => value?.ToString("G6", System.Globalization.CultureInfo.InvariantCulture) ?? "";

    private static List<(string Name, double[] Values)> Series(ScottPlot.Plot plot) =>
        [.. plot.GetPlottables<Scatter>().Select(s => (s.LegendText, s.Data.GetScatterPoints().Select(p => p.Y).ToArray()))];
}
