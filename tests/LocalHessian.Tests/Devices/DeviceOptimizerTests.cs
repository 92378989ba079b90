using LocalHessian.Optim;
using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace LocalHessian.Tests.Devices;

/// <summary>Steps on another device are those on the CPU, and nothing of the CPU is mixed in: it throws there.</summary>
public class DeviceOptimizerTests
{
    [DeviceTheory, MemberData(nameof(DeviceCases.InBothPrecisions), MemberType = typeof(DeviceCases))]
    public void Steps_are_those_on_the_CPU(DeviceCase c, ScalarType dtype)
    {
        using var scope = NewDisposeScope();
        using var twins = Twins.Of(c.Network, dtype);
        foreach (var network in twins.Both)
        {
            using var optimizer = Build(c, network);
            for (var i = 0; i < 5; i++) Step(network, optimizer, i);
            if (optimizer is ScaleAmendedSGD amended) amended.BlockScales.Should().OnlyContain(s => s.Multiplier > 0);
        }

        twins.ShouldAgree(Twins.Tolerance(dtype));
    }

    [DeviceTheory, MemberData(nameof(DeviceCases.All), MemberType = typeof(DeviceCases))]
    public void Parameters_without_a_gradient_and_frozen_ones_stay(DeviceCase c)
    {
        using var scope = NewDisposeScope();
        using var twins = Twins.Of(c.Network);
        foreach (var network in twins.Both)
        {
            using var optimizer = Build(c, network);
            Step(network, optimizer, 0);
            network.get_parameter("second.weight")!.requires_grad = false;
            network.get_parameter("second.weight")!.grad = null;
            for (var i = 1; i < 4; i++) Step(network, optimizer, i);
        }

        twins.ShouldAgree(1e-10);
    }

    [DeviceTheory, MemberData(nameof(DeviceCases.All), MemberType = typeof(DeviceCases))]
    public void Saved_state_goes_from_device_to_device(DeviceCase c)
    {
        using var scope = NewDisposeScope();
        using var twins = Twins.Of(c.Network);
        using ScaledSGD here = Build(c, twins.Cpu), there = Build(c, twins.Other);
        for (var i = 0; i < 3; i++) Step(twins.Cpu, here, i);
        for (var i = 0; i < 3; i++) Step(twins.Other, there, i);

        using var stream = new MemoryStream();
        there.save_state_dict(new BinaryWriter(stream));
        stream.Position = 0;
        here.load_state_dict(new BinaryReader(stream));
        stream.Position = 0;
        there.load_state_dict(new BinaryReader(stream));
        there.load_state_dict(there.state_dict());
        for (var i = 3; i < 6; i++) Step(twins.Cpu, here, i);
        for (var i = 3; i < 6; i++) Step(twins.Other, there, i);

        twins.ShouldAgree(1e-9);
    }

    [DeviceTheory, MemberData(nameof(DeviceCases.All), MemberType = typeof(DeviceCases))]
    public void Steps_with_non_finite_gradients_are_left_out_or_refused_by_name(DeviceCase c)
    {
        using var scope = NewDisposeScope();
        using var twins = Twins.Of(c.Network);
        foreach (var network in twins.Both)
        {
            using var optimizer = Build(c, network);
            Step(network, optimizer, 0);
            optimizer.NonFiniteGradients = NonFiniteGradients.Skip;
            Step(network, optimizer, 1, spoil: true);
            optimizer.SkippedSteps.Should().Be(1);
            optimizer.NonFiniteGradients = NonFiniteGradients.Throw;
            FluentActions.Invoking(() => Step(network, optimizer, 2, spoil: true)).Should().Throw<NonFiniteException>()
                .WithMessage("*gradient*");
            Step(network, optimizer, 3);
        }

        twins.ShouldAgree(1e-10);
    }

    [DeviceFact]
    public void A_mixed_in_CPU_tensor_throws_there()
    {
        using var scope = NewDisposeScope();
        var there = zeros(3, device: CPU).to(Twins.Device);
        FluentActions.Invoking(() => there + ones(3, device: CPU)).Should()
            .Throw<System.Runtime.InteropServices.ExternalException>();
        FluentActions.Invoking(() => there.bytes.ToArray()).Should().Throw<Exception>();
    }

    private static ScaledSGD Build(DeviceCase c, Module<Tensor, Tensor> network)
    {
        network.train();
        return c.Build(network, Batch(0, network));
    }

    private static Tensor Batch(int number, Module<Tensor, Tensor> network)
    {
        using var generator = new Generator((ulong)number + 10, CPU);
        var p = network.parameters().First();
        return randn([6, 1, 4, 4], ScalarType.Float64, CPU, generator: generator).to(p.dtype).to(p.device);
    }

    private static void Step(Module<Tensor, Tensor> network, ScaledSGD optimizer, int number, bool spoil = false)
    {
        using var scope = NewDisposeScope();
        var device = Twins.DeviceOf(network);
        optimizer.zero_grad();
        var labels = tensor(new long[] { 0, 1, 2, 0, 1, 2 }, device: CPU).to(device);
        functional.cross_entropy(network.call(Batch(number, network)), labels).backward();
        if (spoil) network.get_parameter("head.bias")!.grad!.fill_(double.NaN);
        optimizer.step();
        if (device.type != DeviceType.CPU) LazyDevice.Evaluate();
    }
}
