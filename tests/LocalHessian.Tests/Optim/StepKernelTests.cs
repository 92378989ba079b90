using LocalHessian.Optim;
using LocalHessian.Tests.Cases;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace LocalHessian.Tests.Optim;

public class StepKernelTests
{
    private static readonly double[] Scales = [1, 0.37, 41.5, 3e-6, 1e-12, 0, 7e11, 0.2, 0.3, 2.5, 0.37, 41.5, 3e-6, 1e-12];

    public static TheoryData<ScalarType> Dtypes =>
        [ScalarType.Float32, ScalarType.Float64, ScalarType.Float16, ScalarType.BFloat16];

    [Theory]
    [MemberData(nameof(Dtypes))]
    public void The_fast_step_equals_the_reference_for_every_option_layout_and_pattern_of_gradients(ScalarType dtype)
    {
        foreach (var options in EveryOption())
        {
            using var scope = NewDisposeScope();
            var (reference, fused) = (Run(dtype, options, new ReferenceUpdate()), Run(dtype, options, null));
            // Float32 differs in the order of roundings, of which a step has six; sums of parts that cancel are measured by
            // the parts.
            var tolerance = dtype == ScalarType.Float32 ? 8 * MathF.Pow(2, -24) : 0;
            foreach (var (i, (expected, actual)) in reference.Zip(fused).Index().Where(p => p.Item.First.numel() > 0))
                (actual - expected).abs().max().item<double>().Should()
                    .BeLessThanOrEqualTo(tolerance * expected.abs().max().item<double>(), $"{i}, {Words(options)}");
        }
    }

    [Theory]
    [MemberData(nameof(Dtypes))]
    public void The_step_by_list_kernels_equals_the_reference_bit_for_bit(ScalarType dtype)
    {
        foreach (var options in EveryOption())
        {
            using var scope = NewDisposeScope();
            foreach (var (i, (expected, actual)) in Run(dtype, options, new ReferenceUpdate())
                .Zip(Run(dtype, options, new ListedUpdate())).Index())
                actual.Equals(expected).Should().BeTrue($"{i}, {Words(options)}, {expected} {actual}");
        }
    }

    [Theory]
    [MemberData(nameof(Dtypes))]
    public void With_all_multipliers_one_the_step_is_that_of_torch_optim_SGD_bit_for_bit(ScalarType dtype)
    {
        foreach (var options in EveryOption())
        {
            using var scope = NewDisposeScope();
            List<Parameter> ours = Parameters(dtype), theirs = Parameters(dtype);
            using var optimizer = new FixedMultipliers(ours, Enumerable.Repeat(1.0, ours.Count).ToList(), options);
            using var sgd = optim.SGD(
                theirs, options.LearningRate!.Value, options.momentum!.Value, options.dampening!.Value,
                options.weight_decay!.Value,
                options.nesterov!.Value, options.maximize!.Value);
            for (var step = 0; step < 3; step++)
            {
                Differentiate(ours, step);
                Differentiate(theirs, step);
                optimizer.step();
                sgd.step();
            }

            foreach (var (a, b) in ours.Zip(theirs)) a.Equals(b).Should().BeTrue(Words(options));
        }
    }

    [Fact]
    public void Float32_weights_times_a_power_of_two_stay_so_bit_for_bit()
    {
        using var scope = NewDisposeScope();
        var runs = new List<List<Tensor>>();
        foreach (var power in new[] { 1, 8 })
        {
            manual_seed(3);
            using var model = Sequential(
                Conv2d(2, 3, 3, bias: false), BatchNorm2d(3, eps: 0, affine: false), ReLU(), Conv2d(3, 4, 3, bias: false),
                BatchNorm2d(4, eps: 0, affine: false),
                Flatten(), Linear(16, 3, hasBias: false));
            using (no_grad()) foreach (var p in model.parameters()) if (p.dim() == 4) p.mul_(power);
            using var optimizer = new ScaleAmendedSGD(model, randn(4, 2, 6, 6), 0.1, 0.9);
            for (var i = 0; i < 5; i++)
            {
                optimizer.zero_grad();
                model.call(randn(4, 2, 6, 6)).square().mean().backward();
                optimizer.step();
            }

            runs.Add(model.parameters().Select(p => p.detach().clone() / (p.dim() == 4 ? power : 1)).ToList());
        }

        foreach (var (one, eight) in runs[0].Zip(runs[1])) eight.Equals(one).Should().BeTrue();
    }

    [Fact]
    public void A_step_allocates_no_tensor_that_outlives_it_and_the_first_one_the_momentum_alone()
    {
        using var model = Linear(40, 30, hasBias: false);
        using var input = zeros(1, 40);
        using var optimizer = new ScaleAmendedSGD(model, input, 0.1, 0.9);
        model.call(input).sum().backward();
        var before = LiveTensors.Count();

        optimizer.step();
        var first = Tensor.TotalCount;
        for (var i = 0; i < 5; i++) optimizer.step();

        Tensor.TotalCount.Should().Be(first);
        // the momentum, and what the rule keeps: norms, floors, coefficients, places
        // On a device also how often each multiplier is repeated.
        (first - before).Should().BeLessThanOrEqualTo(TestDevice.IsCpu ? 5 : 6);
    }

    private static List<Tensor> Run(ScalarType dtype, SGD.Options options, IStepKernel? kernel)
    {
        var parameters = Parameters(dtype);
        var scales = Scales.Select(s => dtype is ScalarType.Float16 ? Math.Min(s, 50) : s).ToList();
        using var optimizer = new FixedMultipliers(parameters, scales, options) { Kernel = kernel };
        for (var step = 0; step < 4; step++)
        {
            Differentiate(parameters, step);
            optimizer.step();
        }

        var buffers = optimizer.state_dict().State.Select(s => ((SGDState)s).momentum_buffer).OfType<Tensor>();
        return parameters.Concat(buffers).Select(t => t.detach().to(ScalarType.Float64, copy: true)).ToList();
    }

    /// <summary>
    /// One a multiplier: contiguous, channels last, transposed, with gaps, without elements, without dimensions; small and
    /// large.
    /// </summary>
    private static List<Parameter> Parameters(ScalarType dtype)
    {
        manual_seed(1);
        long[][] shapes = [[5, 3], [7], [4, 3, 3, 3], [6, 2, 3, 3], [9, 4], [3, 3], [5, 8], [6, 10], [0, 3], [], [91, 100],
            [7, 5, 16, 16], [8193], [90, 92]];
        var values = shapes.Select(s => randn(s, dtype)).ToList();
        values[3] = values[3].permute(0, 2, 3, 1).contiguous().permute(0, 3, 1, 2);
        values[4] = values[4].t().contiguous().t();
        values[5].zero_(); // the only weight that may have the multiplier zero
        values[11] = values[11].permute(0, 2, 3, 1).contiguous().permute(0, 3, 1, 2);
        values[7] = cat([values[7], values[7]], 1).slice(1, 0, 10, 1);
        return values.Select(v => new Parameter(v)).ToList();
    }

    /// <summary>
    /// Gradients of another layout than the parameter's here and there; at each step another parameter has none.
    /// </summary>
    private static void Differentiate(List<Parameter> parameters, int step)
    {
        manual_seed(100 + step);
        for (var i = 0; i < parameters.Count; i++)
        {
            var gradient = randn(parameters[i].shape, parameters[i].dtype);
            if (i is 3 or 4 or 11 && step < 3) gradient = empty_like(parameters[i]).detach().copy_(gradient);
            if (i == 6 && step == 2) gradient = gradient.t().contiguous().t();
            parameters[i].grad = i % 4 == step - 1 ? null : gradient;
        }
    }

    private static IEnumerable<SGD.Options> EveryOption() =>
        from momentum in new[] { 0, 0.9 }
        from dampening in momentum == 0 ? [0.0] : new[] { 0, 0.3, 1 }
        from nesterov in momentum == 0 || dampening > 0 ? [false] : new[] { false, true }
        from maximize in new[] { false, true }
        from decay in new[] { 0, 0.05 }
        select new SGD.Options
        {
            LearningRate = 0.1, InitialLearningRate = 0.1, momentum = momentum, dampening = dampening, nesterov = nesterov,
            maximize = maximize, weight_decay = decay,
        };

    private static string Words(SGD.Options o) =>
        $"momentum {o.momentum}, dampening {o.dampening}, nesterov {o.nesterov}, maximize {o.maximize}, decay {o.weight_decay}";
}
