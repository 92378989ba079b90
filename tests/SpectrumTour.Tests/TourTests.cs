using LocalHessian.Tests.Devices;
using SpectrumTour.Chapters;
using TorchSharp;
using VggCifar;
using VggCifar.Commands;
using static TorchSharp.torch;

namespace SpectrumTour.Tests;

/// <summary>The tour on any device.</summary>
public class TourTests
{
    /// <summary>What is mixed with a tensor of the CPU throws there.</summary>
    [DeviceFact]
    public void Chapters_are_drawn_on_another_device()
    {
        using var scope = NewDisposeScope();
        using var drawn = TestDevice.OnCpu();
        var device = TestDevice.Name is "cpu" or "lazy" ? LazyDevice.Start() : TestDevice.Current;
        foreach (var chapter in new IChapter[] { new Initialisation(device), new WeightHessians(device) })
            chapter.Draw().Select(p => p.File).Should().HaveCountGreaterThan(1).And.OnlyContain(f => f.EndsWith(".png"));
    }

    [Fact]
    public void A_device_that_is_not_there_is_refused_by_name()
    {
        if (cuda.is_available()) return;
        FluentActions.Invoking(() => Devices.Choose("cuda")).Should().Throw<UserError>().WithMessage("--device cuda: no CUDA*");
        Devices.Choose("auto").Should().Be("cpu");
    }
}
