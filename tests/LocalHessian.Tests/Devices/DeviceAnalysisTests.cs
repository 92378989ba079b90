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

/// <summary>Local Hessians, spectra, reports and the monitor on another device are those on the CPU.</summary>
public class DeviceAnalysisTests
{
    /// <summary>Without the second derivative of batch norm in training mode, which the lazy device has only while running
    /// statistics move.</summary>
    public static TheoryData<BlockCase> Twice => new(BlockCases.All.Where(c => !c.Name.Contains("batch norm",
        StringComparison.Ordinal)));

    public static TheoryData<BlockCase> Closed => new(BlockCases.All.Where(c => c.InputForm && c.Name.Contains("batch norm",
        StringComparison.Ordinal)));

    [DeviceTheory, MemberData(nameof(Twice))]
    public void Hessians_gradients_and_efficiency_of_a_block(BlockCase item) => Compare(item, loss =>
    {
        var (input, weight) = (loss.ForInput(), loss.ForWeight());
        var results = new List<Tensor> { input.Gradient(), weight.Gradient(), loss.ForInput(1).Hessian() };
        foreach (var part in new[] { HessianPart.Full, HessianPart.GaussNewton })
            foreach (var curvature in new[] { input, weight })
            {
                results.Add(curvature.Hessian(new() { Part = part, Batch = BatchReduction.Mean }));
                using var op = curvature.Operator(new() { Part = part });
                results.Add(op.Apply(Ramp(op.Size, op.Device)));
            }

        if (loss.Weights.Count == 1) results.Add(loss.ForWeight(1).Hessian());
        var efficiency = input.Efficiency(tolerance: 1e-12);
        results.Add(Numbers(loss.Value, efficiency.StepReduction, efficiency.LineSearchReduction).to(loss.Output.device));
        return results;
    });

    [DeviceTheory, MemberData(nameof(Closed))]
    public void Closed_forms_with_batch_norm(BlockCase item) => Compare(item, loss =>
    {
        List<Tensor> results = [loss.ForInput().Hessian(HessianOptions.GaussNewton), loss.ForInput(1)
            .Hessian(HessianOptions.GaussNewton), loss.ForInput().Approximation()];
        if (item.WeightForm) results.AddRange([loss.ForWeight().Hessian(HessianOptions.GaussNewton), loss.ForWeight(1)
            .Approximation()]);
        return results;
    });

    [DeviceFact]
    public void A_pass_over_a_network_and_one_sweep_of_back_matching()
    {
        using var scope = NewDisposeScope();
        using var twins = Twins.Of(Twins.Plain);
        var found = new List<double[]>();
        foreach (var network in twins.Both)
        {
            var (x, loss) = (Batch(network), Loss(network));
            using (var pass = BackMatchingPass.Run(network, x, loss))
            {
                pass.Structure.Chain!.Count.Should().Be(3);
                found.Add([pass.TrainingLoss, .. pass.Select(b => b.Value), .. pass.SelectMany(b => Host(b.ForWeight()
                    .Gradient()))]);
                pass[0].ForInput().Method(HessianOptions.GaussNewton).Should().Be(pass.Structure.Chain[0].Kind == BlockKind.Linear
                    ? HessianMethod.ClosedForm : HessianMethod.Differentiation);
                found[^1] = [.. found[^1], .. Host(pass[^1].ForWeight().Hessian())];
            }

            found[^1] = [.. found[^1], .. BackMatchingPropagation.Step(network, x, loss, 0.1)];
        }

        ShouldAgree(found[1], found[0]);
        twins.ShouldAgree(1e-10);
    }

    [DeviceFact]
    public void A_segment_of_a_single_layer_has_its_closed_form_there_too()
    {
        using var scope = NewDisposeScope();
        using var twins = Twins.Of(() => Sequential(("a", Linear(16, 5)), ("b", Linear(5, 4)), ("c", Linear(4, 3))));
        foreach (var network in twins.Both)
        {
            using var pass = BackMatchingPass.Run(network, Batch(network).flatten(1), Loss(network));
            pass[0].ForInput().Method().Should().Be(HessianMethod.ClosedForm);
            pass[1].ForWeight().Method().Should().Be(HessianMethod.ClosedForm);
        }
    }

    [DeviceFact]
    public void Lanczos_traces_and_densities()
    {
        var found = new List<double[]>();
        foreach (var device in new[] { CPU, Twins.Device })
        {
            using var scope = NewDisposeScope();
            manual_seed(3);
            var m = randn(30, 30, ScalarType.Float64, CPU);
            using var op = new DenseOperator((m + m.t()).to(device));
            var (pairs, vectors) = Lanczos.Eigenpairs(op, 2, 1);
            var trace = TraceEstimator.HutchPlusPlus(op, 12, seed: 1);
            var spectrum = NonZeroSpectrum.OfOperator(op, steps: 20, probes: 3);
            found.Add([
                .. pairs.Eigenvalues, trace.Value, trace.StandardError, .. SymmetricMatrix.Eigenvalues((m + m.t()).to(device)),
                NonZeroSpectrum.OfMatrix(m.to(device)).ConditionNumber, spectrum.Largest, spectrum.Rank,
                SpectralDensity.Estimate(op, 2, 10).Mean(x => x),
                .. Host(op.Apply(vectors) - vectors * tensor(pairs.Eigenvalues.ToArray(), ScalarType.Float64, CPU).to(device)),
            ]);
        }

        ShouldAgree(found[1], found[0]);
    }

    [DeviceFact]
    public void A_report()
    {
        using var scope = NewDisposeScope();
        using var twins = Twins.Of(Twins.Plain);
        var reports = twins.Both.Select(n => NetworkReport.Of(n, Batch(n), Loss(n))).ToList();

        ShouldAgree([reports[1].TrainingLoss], [reports[0].TrainingLoss]);
        foreach (var (there, here) in reports[1].Blocks.Zip(reports[0].Blocks))
        {
            there.WeightShapes.Should().BeEquivalentTo(here.WeightShapes);
            ShouldAgree([there.InputScale, there.WeightScale], [here.InputScale, here.WeightScale]);
            if (here.Input is not null) ShouldAgree([there.Input!.MeanEigenvalue, there.Input.Largest],
                [here.Input.MeanEigenvalue, here.Input.Largest], 1e-8);
            if (here.Weight is not null) ShouldAgree([there.Weight!.MeanEigenvalue, there.Weight.Largest],
                [here.Weight.MeanEigenvalue, here.Weight.Largest], 1e-8);
        }
    }

    [DeviceFact]
    public void The_monitor()
    {
        using var scope = NewDisposeScope();
        using var twins = Twins.Of(Twins.Plain);
        var found = new List<double[]>();
        foreach (var network in twins.Both)
        {
            var (x, loss) = (Batch(network), Loss(network));
            var monitor = new BlockMonitor(network, x);
            using var optimizer = new ScaleAmendedSGD(network, x, 0.01, 0.9);
            loss(network.call(x)).backward();
            monitor.Step(optimizer, x, loss);
            found.Add([.. monitor.Latest.SelectMany(r => new[]
            {
                r.ClosedScale, r.MeasuredScale, r.ClosedInputScale, r.MeasuredInputScale, r.Multiplier, r.WeightNorm,
                r.GradientNorm, r.TopEigenvalue, r.LossRemoved,
            })]);
        }

        ShouldAgree(found[1], found[0], 1e-9);
        twins.ShouldAgree(1e-10);
    }

    [DeviceFact]
    public void Structures_of_networks_that_are_no_chain()
    {
        using var scope = NewDisposeScope();
        using var drawn = TestDevice.OnCpu();
        // Attention splits its projection into tensors of the CPU on the lazy device, and there is no LSTM there.
        foreach (var c in Architectures.All.Where(a => a.Name is not ("LSTM classifier" or "vision transformer")))
        {
            using var twins = Twins.Of(c.Build);
            var x = c.Input();
            var found = twins.Both.Select(n => NetworkStructure.Find(n, x.to(Twins.DeviceOf(n)))).ToList();
            found[1].Blocks.Should().Equal(found[0].Blocks, c.Name);
        }
    }

    private static void Compare(BlockCase item, Func<BackMatchingLoss, List<Tensor>> results)
    {
        using var scope = NewDisposeScope();
        using var drawn = TestDevice.OnCpu();
        var found = new List<List<Tensor>>();
        foreach (var device in new[] { CPU, Twins.Device })
        {
            var (block, input, change) = item.Make();
            block = block.to(device);
            using var loss = BackMatchingLoss.Of(block, input.to(device), change.to(device));
            found.Add(results(loss));
        }

        foreach (var (cpu, lazy, i) in found[0].Zip(found[1], (a, b) => (a, b)).Select((p, i) => (p.a, p.b,
            i))) Twins.ShouldAgree(lazy, cpu, 1e-10, $"result {i}");
    }

    private static Tensor Batch(Module network)
    {
        using var generator = new Generator(5, CPU);
        return randn([6, 1, 4, 4], ScalarType.Float64, CPU, generator: generator).to(Twins.DeviceOf(network));
    }

    private static Func<Tensor, Tensor> Loss(Module network)
    {
        var labels = tensor(new long[] { 0, 1, 2, 0, 1, 2 }, device: CPU).to(Twins.DeviceOf(network));
        return output => functional.cross_entropy(output, labels.narrow(0, 0, output.shape[0]));
    }

    private static Tensor Ramp(long size, Device device) => arange(1, size + 1, ScalarType.Float64, CPU).to(device) / size;

    private static Tensor Numbers(params double[] values) => tensor(values, ScalarType.Float64, CPU);

    private static double[] Host(Tensor t) => t.detach().cpu().reshape(-1).contiguous().data<double>().ToArray();

    private static void ShouldAgree(double[] lazy, double[] cpu, double tolerance = 1e-10)
    {
        lazy.Length.Should().Be(cpu.Length);
        foreach (var (a, b) in lazy.Zip(cpu))
            if (double.IsFinite(b)) a.Should().BeApproximately(b, tolerance * Math.Max(1, Math.Abs(b)));
    }
}
