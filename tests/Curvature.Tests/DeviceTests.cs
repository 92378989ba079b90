using CurvatureStudy;
using LocalHessian.Tests.Devices;
using VggCifar;
using VggCifar.Commands;
using static TorchSharp.torch;

namespace Curvature.Tests;

/// <summary>The study on another device than the CPU.</summary>
public class DeviceTests
{
    [DeviceFact]
    public void Its_numbers_are_those_of_the_CPU()
    {
        using var drawn = TestDevice.OnCpu();
        var other = TestDevice.Name is "cpu" or "lazy" ? LazyDevice.Start() : TestDevice.Current;
        var (here, there) = (Numbers(CPU), Numbers(other));

        there.Should().HaveCount(here.Count).And.HaveCountGreaterThan(100);
        foreach (var (a, b) in there.Zip(here)) a.Should().BeApproximately(b, 1e-3 * Math.Max(1, Math.Abs(b)));
    }

    [Fact]
    public void A_device_that_is_not_there_is_refused_by_name()
    {
        if (cuda.is_available()) return;
        FluentActions.Invoking(() => Devices.Choose("cuda")).Should().Throw<UserError>().WithMessage("--device cuda: no CUDA*");
        FluentActions.Invoking(() => Devices.Choose("tpu")).Should().Throw<UserError>()
            .WithMessage("--device: 'tpu' is none of*");
        Devices.Choose("auto").Should().Be("cpu");
    }

    /// <summary>Those of the tables that the study writes.</summary>
    private static List<double> Numbers(Device device)
    {
        using var folder = new TemporaryFolder();
        var settings = new StudySettings(Steps: 2, Images: 64, Seed: 1)
        {
            Readings = 2, Grid = 3, DensitySteps = 4, Device = device,
        };
        new Study(new DirectoryInfo(folder.Path), null, settings, TextWriter.Null).Run();
        return [.. new[] { "readings.csv", "layers.csv", "surface-sgd.csv", "surface-amended.csv" }
            .SelectMany(f => File.ReadAllLines(folder.File(f)).Skip(1)).SelectMany(l => l.Split(','))
            .Where(v => double.TryParse(v, System.Globalization.CultureInfo.InvariantCulture, out _))
            .Select(v => double.Parse(v, System.Globalization.CultureInfo.InvariantCulture))];
    }
}
