using LocalHessian.Tests.Cases;
using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace LocalHessian.Tests.Devices;

/// <summary>One network twice, drawn on the CPU: there, and moved to the other device.</summary>
internal sealed class Twins : IDisposable
{
    private Twins(Module<Tensor, Tensor> cpu, Module<Tensor, Tensor> other) => (Cpu, Other) = (cpu, other);

    public Module<Tensor, Tensor> Cpu { get; }

    public Module<Tensor, Tensor> Other { get; }

    public IEnumerable<Module<Tensor, Tensor>> Both => [Cpu, Other];

    /// <summary>The device that is compared with the CPU.</summary>
    public static Device Device { get; } = TestDevice.Name is "cpu" or "lazy" ? LazyDevice.Start() : TestDevice.Current;

    /// <param name="build">Builds the network.</param>
    /// <param name="dtype">Its dtype.</param>
    public static Twins Of(Func<Module<Tensor, Tensor>> build, ScalarType dtype = ScalarType.Float64)
    {
        using var drawn = TestDevice.OnCpu();
        manual_seed(1);
        var cpu = build().to(dtype);
        manual_seed(1);
        return new(cpu, build().to(dtype).to(Device));
    }

    /// <summary>A small chain with all that a step meets: weights, biases, gains and shifts, statistics.</summary>
    public static Module<Tensor, Tensor> Chain() => Sequential(
        ("conv", Conv2d(1, 4, 3, padding: 1)), ("norm", BatchNorm2d(4)), ("relu", ReLU()), ("pool", MaxPool2d(2)),
        ("second", Conv2d(4, 4, 3, padding: 1, bias: false)), ("relu2", ReLU()), ("flatten", Flatten()), ("head", Linear(16, 3)));

    /// <summary>The same without batch norm, of which the lazy device has no second derivative unless running statistics
    /// move.</summary>
    public static Module<Tensor, Tensor> Plain() => Sequential(
        ("conv", Conv2d(1, 4, 3, padding: 1)), ("relu", ReLU()), ("pool", MaxPool2d(2)),
        ("second", Conv2d(4, 4, 3, padding: 1, bias: false)), ("relu2", ReLU()), ("flatten", Flatten()), ("head", Linear(16, 3)));

    /// <summary>The network's device.</summary>
    public static Device DeviceOf(Module network) => network.parameters().First().device;

    /// <summary>All parameters agree to a tolerance relative to the largest entry. Running statistics do not move on the lazy
    /// device.</summary>
    public void ShouldAgree(double tolerance)
    {
        var there = Other.named_parameters().ToDictionary(p => p.name, p => p.parameter);
        foreach (var (name, value) in Cpu.named_parameters()) ShouldAgree(there[name], value, tolerance, name);
    }

    public static void ShouldAgree(Tensor other, Tensor cpu, double tolerance, string name = "tensor")
    {
        other.device_type.Should().Be(Device.type, name);
        using var scope = NewDisposeScope();
        Tensor a = other.detach().cpu().to(ScalarType.Float64), b = cpu.detach().to(ScalarType.Float64);
        a.shape.Should().Equal(b.shape, name);
        var error = a.numel() == 0 ? 0 : ((a - b).abs().max() / b.abs().max().clamp(min: 1)).item<double>();
        error.Should().BeLessThan(tolerance, name);
    }

    public static double Tolerance(ScalarType dtype) => dtype == ScalarType.Float64 ? 1e-10 : 1e-5;

    public void Dispose()
    {
        Cpu.Dispose();
        Other.Dispose();
    }
}
