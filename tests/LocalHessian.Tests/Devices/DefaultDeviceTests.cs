using LocalHessian.Blocks;
using LocalHessian.Monitoring;
using LocalHessian.Optim;
using LocalHessian.Reporting;
using LocalHessian.Spectra;
using LocalHessian.Tests.Cases;
using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace LocalHessian.Tests.Devices;

/// <summary>Whatever the default device is, everything happens where the network is: a tensor made anywhere else could not be
/// mixed with it.</summary>
public class DefaultDeviceTests
{
    [DeviceTheory, MemberData(nameof(DeviceCases.All), MemberType = typeof(DeviceCases))]
    public void Optimizers_of_a_network_on_the_CPU(DeviceCase c)
    {
        using var scope = NewDisposeScope();
        using var drawn = TestDevice.OnCpu();
        manual_seed(1);
        using var network = c.Network();
        var (x, labels) = (randn(6, 1, 4, 4), tensor(new long[] { 0, 1, 2, 0, 1, 2 }));

        using var elsewhere = TestDevice.Default(Twins.Device);
        using var optimizer = c.Build(network, x);
        for (var i = 0; i < 3; i++)
        {
            optimizer.zero_grad();
            functional.cross_entropy(network.call(x), labels).backward();
            optimizer.NonFiniteGradients = NonFiniteGradients.Skip;
            optimizer.step();
        }

        using var stream = new MemoryStream();
        optimizer.save_state_dict(new BinaryWriter(stream));
        stream.Position = 0;
        optimizer.load_state_dict(new BinaryReader(stream));
        network.parameters().Should().OnlyContain(p => p.device_type == DeviceType.CPU);
    }

    [DeviceFact]
    public void Analysis_of_a_network_on_the_CPU()
    {
        using var scope = NewDisposeScope();
        using var drawn = TestDevice.OnCpu();
        manual_seed(1);
        using var network = Twins.Chain().to(ScalarType.Float64);
        Tensor x = randn(6, 1, 4, 4, float64), labels = tensor(new long[] { 0, 1, 2, 0, 1, 2 });
        using var optimizer = optim.SGD(network.parameters(), 0.1);
        network.call(x).square().mean().backward();

        using var elsewhere = TestDevice.Default(Twins.Device);
        NetworkReport.Of(network, x, Loss).Blocks.Should().NotBeEmpty();
        new BlockMonitor(network, x).Step(optimizer, x, Loss);
        using var pass = BackMatchingPass.Run(network, x, Loss);
        foreach (var block in pass)
        {
            block.ForWeight().Hessian().device_type.Should().Be(DeviceType.CPU);
            block.ForInput().Efficiency();
            using var op = block.ForWeight().Operator();
            Lanczos.Eigenpairs(op, 1, 1).Vectors.device_type.Should().Be(DeviceType.CPU);
            TraceEstimator.HutchPlusPlus(op, 6);
            NonZeroSpectrum.OfOperator(op, 6, 2);
        }

        Tensor Loss(Tensor y) => functional.cross_entropy(y, labels.narrow(0, 0, y.shape[0]));
    }
}
