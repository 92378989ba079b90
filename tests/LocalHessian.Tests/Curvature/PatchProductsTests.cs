using LocalHessian.Internal;
using LocalHessian.Tests.Cases;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace LocalHessian.Tests.Curvature;

/// <summary>The second moment of a convolution's patches, without patches, is the one with patches.</summary>
public class PatchProductsTests
{
    private static readonly long[] Sizes = [3, 3, 1];

    /// <summary>A convolution of two channels in and the size of its map.</summary>
    public sealed record Layer(string Name, Func<Module<Tensor, Tensor>> Build, long[] Map)
    {
        public override string ToString() => Name;
    }

    public static TheoryData<Layer> Cases()
    {
        var data = new TheoryData<Layer>();
        foreach (var (kernel, map) in new[] { (1, 4), (2, 5), (3, 1), (3, 2), (3, 4), (3, 7), (5, 3), (5, 8) })
            foreach (var dilation in new[] { 1, 2 })
                foreach (var padding in new[] { 0, 1, 2, 4 })
                {
                    if (map + 2 * padding - dilation * (kernel - 1) < 1) continue;
                    data.Add(new($"kernel {kernel}, map {map}, dilation {dilation}, padding {padding}", () =>
                        Conv2d(2, 3, kernel, padding: padding, dilation: dilation), [map, map + 1]));
                }

        data.Add(new("same, odd", () => Conv2d(2, 3, 3, padding: Padding.Same), [4, 5]));
        data.Add(new("same, even", () => Conv2d(2, 3, (4, 2), padding: Padding.Same, dilation: (1, 3)), [5, 4]));
        data.Add(new("a kernel of one column", () => Conv2d(2, 3, (3, 1), (1, 1), (1, 0), (1, 1)), [5, 4]));
        data.Add(new("a kernel of one row", () => Conv2d(2, 3, (1, 3), (1, 1), (0, 1), (1, 1)), [5, 4]));
        data.Add(new("unlike in both dimensions", () => Conv2d(2, 3, (2, 3), (1, 1), (2, 1), (2, 1)), [5, 4]));
        data.Add(new("one dimension", () => Conv1d(2, 3, 3, padding: 1), [6]));
        data.Add(new("three dimensions", () => Conv3d(2, 3, (2, 3, 2), (1, 1, 1), (1, 1, 0), (1, 1, 2)), [3, 4, 5]));
        data.Add(new("without bias", () => Conv2d(2, 3, 3, padding: 1, bias: false), [4, 4]));
        data.Add(new("no zeros to reflect", () => Conv2d(2, 3, 3, padding_mode: PaddingModes.Reflect), [4, 4]));
        return data;
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void In_strips_of_any_width_and_batches_of_any_size_it_is_that_of_the_patches(Layer layer)
    {
        using var scope = NewDisposeScope();
        manual_seed(1);
        using var convolution = (Convolution)layer.Build().to(float64);
        var x = randn([7, 2, .. layer.Map], float64);
        var patches = LayerRows.InputRows(convolution, x);
        var expected = patches.t().mm(patches);

        var plans = PatchPlan.All(convolution, x.shape).ToList();
        plans.Should().NotBeEmpty();
        foreach (var plan in plans)
        {
            using var products = new PatchProducts(plan, x);
            foreach (var part in x.split(Sizes)) products.Add(part);
            var sum = zeros_like(expected);
            products.AddTo(sum);

            products.Count.Should().Be(patches.shape[0]);
            Dense.Distance(new SymmetricSum(sum).Result(1), expected).Should()
                .BeLessThan(1e-12, $"strips of {plan.StripPositions}");
            plan.MultiplicationsOfPatches(7).Should().Be(patches.shape[0] * expected.shape[0] * (expected.shape[0] + 1) / 2);
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void A_layers_mean_is_the_same_with_maps_of_several_sizes_whatever_way_is_taken(Layer layer)
    {
        using var scope = NewDisposeScope();
        manual_seed(2);
        using var convolution = (Convolution)layer.Build().to(float64);
        var other = randn([2, 2, .. layer.Map.Select(s => s + 1)], float64);
        var batches = randn([7, 2, .. layer.Map], float64).split(Sizes).Append(other).ToList();
        using var network = Sequential(("convolution", convolution));
        var own = KroneckerLayer.Of(network, ParameterSelection.Choose(network, null, null))[0];
        using var inputs = new LayerInputs(own, KroneckerPositions.Expand, other);
        foreach (var batch in batches) inputs.Add(batch, batch.shape[0]);

        var patches = own.WithOne(cat(batches.Select(b => LayerRows.InputRows(convolution, b)).ToArray()), 1);
        Dense.Distance(inputs.Result(), patches.t().mm(patches) / patches.shape[0]).Should().BeLessThan(1e-12);
    }

    [Theory]
    [InlineData(128, 2, 20)]
    [InlineData(128, 4, 5)]
    [InlineData(64, 8, 3)]
    [InlineData(64, 16, 2)]
    [InlineData(256, 56, 1.9)]
    public void Of_a_3x3_kernel_it_takes_so_many_times_fewer_multiplications(long channels, long map, double times)
    {
        using var convolution = (Convolution)Conv2d(channels, 1, 3, padding: 1);
        var plan = PatchPlan.Cheapest(convolution, [64, channels, map, map])!;

        ((double)plan.MultiplicationsOfPatches(64) / plan.Multiplications(64)).Should().BeGreaterThan(times);
        plan.Numbers.Should().BeLessThanOrEqualTo(8 * plan.Columns * plan.Columns);
    }

    [Fact]
    public void What_is_summed_is_released_when_it_is_used_and_when_the_call_is_cancelled()
    {
        using var scope = NewDisposeScope();
        using var network = Sequential(Conv2d(32, 3, 3, padding: 1), AdaptiveAvgPool2d(1), Flatten());
        var batches = CurvatureCases.Split(randn(32, 32, 8, 8), randint(0, 3, 32, int64), 16, 16);
        PatchPlan.Cheapest((Convolution)network[0], [16, 32, 8, 8]).Should().NotBeNull();
        using var curvature = new NetworkCurvature(network, CurvatureLoss.CrossEntropy, CurvatureData.From(batches));
        using var cancelled = new CancellationTokenSource();
        curvature.Kfac().Dispose();
        var before = LiveTensors.Count();

        for (var i = 0; i < 3; i++) curvature.Kfac().Dispose();
        Tensor.TotalCount.Should().BeLessThanOrEqualTo(before, "nothing waits for a finalizer");
        var sink = new KroneckerFaultTests.Sink(p =>
        {
            if (p.Fraction > 0.4) cancelled.Cancel();
        });
        curvature.Invoking(c => c.Kfac(progress: sink, cancellationToken: cancelled.Token)).Should()
            .Throw<OperationCanceledException>();
        Tensor.TotalCount.Should().BeLessThanOrEqualTo(before);
    }

    [Fact]
    public void Patches_are_made_where_they_take_less_or_there_is_no_other_way()
    {
        using Convolution one = (Convolution)Conv2d(16, 4, 1), strided = (Convolution)Conv2d(16, 4, 3, stride: 2, padding: 1),
            reflecting = (Convolution)Conv2d(16, 4, 3, padding: 1, padding_mode: PaddingModes.Reflect);
        PatchPlan.Cheapest(one, [64, 16, 8, 8]).Should().BeNull("a patch is what is there");
        PatchPlan.All(strided, [64, 16, 8, 8]).Should().BeEmpty();
        PatchPlan.All(reflecting, [64, 16, 8, 8]).Should().BeEmpty();
    }
}
