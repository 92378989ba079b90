using LocalHessian.Internal;
using LocalHessian.Optim;
using LocalHessian.Tests.Cases;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace LocalHessian.Tests.Devices;

/// <summary>Numbers at the ends of float32's range, and beyond, on another device.</summary>
public class DeviceNumbersTests
{
    [DeviceTheory, InlineData(1e25f), InlineData(1e-25f), InlineData(1e-40f)]
    public void Norms_whose_squares_leave_float32_are_those_of_the_CPU(float value)
    {
        using var scope = NewDisposeScope();
        var cpu = full([7], value, float32, CPU);
        foreach (var norms in new[] { Norms.Of([cpu.to(Twins.Device), cpu.to(Twins.Device)]), Squares.Of([cpu.to(Twins.Device),
            null], Twins.Device).sqrt() })
            norms[0].cpu().item<double>().Should().BeApproximately(Norms.Of([cpu]).item<double>(), 1e-12 * value);
    }

    [DeviceTheory, InlineData(1e25f), InlineData(1e-25f)]
    public void LARS_moves_such_a_weight_as_on_the_CPU(float value)
    {
        using var scope = NewDisposeScope();
        var moved = new List<float>();
        foreach (var device in new[] { CPU, Twins.Device })
        {
            using var weight = new Parameter(full([2, 3], value, float32, CPU).to(device));
            using var optimizer = new LARS([weight], 0.1, 0.9);
            weight.grad = full([2, 3], 0.5, float32, CPU).to(device);
            optimizer.step();
            moved.Add(weight.detach().cpu()[0, 0].item<float>());
        }

        moved[1].Should().NotBe(value).And.BeApproximately(moved[0], 1e-6f * value);
    }

    [DeviceFact]
    public void A_multiplier_beyond_float32_moves_nothing_there_where_the_CPU_refuses()
    {
        using var scope = NewDisposeScope();
        using var network = Twins.Of(() => nn.Linear(3, 2, hasBias: false), ScalarType.Float32).Other;
        var x = ones(4, 3, float32, CPU).to(Twins.Device);
        using var optimizer = new ScaleAmendedSGD(network, x, 0.1);
        var weight = network.parameters().Single();
        using (no_grad()) weight.fill_(1e25);
        weight.grad = ones(2, 3, float32, CPU).to(Twins.Device);

        optimizer.step();

        weight.detach().cpu()[0, 0].item<float>().Should().Be(1e25f);
    }

    [DeviceFact]
    public void A_weight_that_is_not_finite_is_named_on_request_and_where_gradients_are_read()
    {
        using var scope = NewDisposeScope();
        using var twins = Twins.Of(Twins.Chain);
        foreach (var network in twins.Both)
        {
            using var optimizer = new LSALR(network, 0.1, 0.9);
            optimizer.ThrowIfNotFinite();
            using (no_grad()) network.get_parameter("second.weight")!.fill_(double.NaN);

            FluentActions.Invoking(optimizer.ThrowIfNotFinite).Should().Throw<NonFiniteException>()
                .WithMessage("*'second.weight'*");

            var x = zeros(2, 1, 4, 4, ScalarType.Float64, CPU).to(Twins.DeviceOf(network));
            network.call(x).sum().backward();
            optimizer.NonFiniteGradients = NonFiniteGradients.Skip;
            FluentActions.Invoking(() => optimizer.step()).Should().Throw<NonFiniteException>().WithMessage("*'second.weight'*");
        }
    }

    [Fact]
    public void A_matrix_that_its_device_has_no_room_for_is_a_typed_error_with_the_bytes()
    {
        var error = FluentActions.Invoking(() => SymmetricOperator.Identity(20_000_000).ToDense(long.MaxValue)).Should()
            .Throw<MatrixTooLargeException>().Which;

        ((long)error.BytesNeeded).Should().Be(4L * 20_000_000 * 20_000_000);
        error.Message.Should().Contain("no room").And.NotContain("frame #");
    }

    [CompiledFact]
    public void The_limit_is_half_of_what_the_driver_says_of_the_device()
    {
        using var folder = new TemporaryFolder();
        var (source, driver) = (folder.File("driver.c"), folder.File("libdriver.so"));
        File.WriteAllText(source, """
            #include <stddef.h>
            int cuInit(unsigned flags) { return 0; }
            int cuDeviceGet(int* device, int ordinal) { *device = 40 + ordinal; return ordinal < 2 ? 0 : 101; }
            int cuDeviceTotalMem_v2(size_t* bytes, int device) { *bytes = (size_t)device << 30; return 0; }
            """);
        System.Diagnostics.Process.Start("gcc", ["-shared", "-fPIC", "-o", driver, source]).WaitForExit();

        DeviceMemory.Total(driver, 1).Should().Be(41L << 30);
        DeviceMemory.Total(driver, 2).Should().BeNull();
        DeviceMemory.Total("no such driver", 0).Should().BeNull();
        DeviceMemory.Total(CPU).Should().BeNull();
        MatrixTooLargeException.DefaultLimitOn(CPU).Should().Be(MatrixTooLargeException.DefaultLimit);
    }
}
