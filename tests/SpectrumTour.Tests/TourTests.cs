using LocalHessian.Tests.Devices;
using TorchSharp;
using VggCifar;
using VggCifar.Commands;
using VggCifar.Data;
using static TorchSharp.torch;

namespace SpectrumTour.Tests;

/// <summary>The tour on any device.</summary>
public class TourTests
{
    [Fact]
    public void A_device_that_is_not_there_is_refused_by_name()
    {
        if (cuda.is_available()) return;
        FluentActions.Invoking(() => Devices.Choose("cuda")).Should().Throw<UserError>().WithMessage("--device cuda: no CUDA*");
        Devices.Choose("auto").Should().Be("cpu");
    }
}
