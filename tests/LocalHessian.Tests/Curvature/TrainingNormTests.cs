using LocalHessian.Internal;
using LocalHessian.Tests.Cases;
using LocalHessian.Tests.Devices;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace LocalHessian.Tests.Curvature;

/// <summary>
/// Batch norm in training mode, which a recording evaluates by a function of its own, has the derivatives of libtorch's.
/// </summary>
public class TrainingNormTests
{
    private static readonly LossCase Loss = CurvatureCases.Losses.First(l => l.Name == "cross entropy");

    /// <summary>A network of three outputs.</summary>
    public sealed record NormCase(string Name, Func<Module<Tensor, Tensor>> Build, long[] Sample, string[]? Chosen = null)
    {
        public bool Evaluation { get; init; }

        public override string ToString() => Name;
    }

    public static TheoryData<NormCase> Cases => new(
        new NormCase("vectors", () => Sequential(Linear(4, 5, hasBias: false), BatchNorm1d(5), Tanh(), Linear(5, 3)), [4]),
        new NormCase("sequences", () => Sequential(Conv1d(2, 3, 2), BatchNorm1d(3), Sigmoid(), Flatten(), Linear(9, 3)), [2, 4]),
        new NormCase("maps, ReLU in place", () => Sequential(Conv2d(1, 2, 2, bias: false), BatchNorm2d(2), ReLU(inplace: true),
            Conv2d(2, 3, 2), BatchNorm2d(3), ReLU(inplace: true), Flatten(), Linear(3, 3)), [1, 3, 3]),
        new NormCase("volumes", () => Sequential(Conv3d(1, 2, 2), BatchNorm3d(2), Tanh(), Flatten(), Linear(4, 3)), [1, 2, 2, 3]),
        new NormCase("first and last", () => Sequential(BatchNorm1d(3), Linear(3, 3), BatchNorm1d(3)), [3]),
        new NormCase("not affine", () => Sequential(Linear(4, 5), BatchNorm1d(5, affine: false), Tanh(), Linear(5, 3)), [4]),
        new NormCase("without running statistics", () => Sequential(Linear(4, 5), BatchNorm1d(5, track_running_stats: false),
            Tanh(), Linear(5, 3)), [4]),
        new NormCase("without running statistics, evaluation mode", () => Sequential(Linear(4, 5),
            BatchNorm1d(5, track_running_stats: false), Tanh(), Linear(5, 3)), [4]) { Evaluation = true },
        new NormCase("evaluation mode", () => Sequential(Linear(4, 5), BatchNorm1d(5), Tanh(), Linear(5, 3)), [4])
            { Evaluation = true },
        new NormCase("its weight is not chosen", () => Sequential(Linear(4, 5), BatchNorm1d(5), Tanh(), Linear(5, 3)), [4],
            ["0.weight", "1.bias", "3.bias"]),
        new NormCase("only its weight is chosen", () => Sequential(Linear(4, 5), BatchNorm1d(5), Tanh(), Linear(5, 3)), [4],
            ["1.weight"]),
        new NormCase("a weight of zero", () =>
        {
            var net = Sequential(Linear(4, 5), BatchNorm1d(5), Tanh(), Linear(5, 3));
            using (no_grad()) net.get_parameter("1.weight")!.zero_();
            return net;
        }, [4]),
        new NormCase("called twice", () => new Lambda((l, x) => l[1].call(l[0].call(l[0].call(x).tanh()) * x),
            ("norm", BatchNorm1d(4)), ("head", Linear(4, 3))), [4]));

    [Theory]
    [MemberData(nameof(Cases))]
    public void Hessian_and_Gauss_Newton_are_those_of_libtorchs_batch_norm(NormCase norm)
    {
        using var scope = NewDisposeScope();
        manual_seed(5);
        using var net = LocalHessian.Tests.Cases.Networks.InFloat64(norm.Build());
        net.train(!norm.Evaluation);
        var theta = ParameterSelection.Choose(net, norm.Chosen, null);
        Tensor x = randn([7, .. norm.Sample], float64), y = Loss.Targets(7);
        var buffers = net.buffers().Select(b => b.clone()).ToList();
        var batches = CurvatureCases.Split(x, y, 4, 3);
        using var curvature = new NetworkCurvature(
            net, Loss.Loss, CurvatureData.From(batches), new() { Parameters = norm.Chosen });

        Tensor hessian = curvature.Hessian().ToDense(), gaussNewton = curvature.GaussNewton().ToDense();
        foreach (var (buffer, before) in net.buffers().Zip(buffers)) buffer.Equals(before).Should().BeTrue();
        Dense.Distance(hessian, Dense.OverBatches(batches, (a, b) => Dense.Hessian(Loss.Sum(net.call(a), b), theta.Leaves)))
            .Should().BeLessThan(1e-10);
        Dense.Distance(gaussNewton, Dense.OverBatches(batches, (a, b) => Dense.GaussNewton(net, Loss, a, b, theta.Leaves)))
            .Should().BeLessThan(1e-10);
    }

    [Fact]
    public void What_a_hook_of_the_users_own_does_to_its_output_counts()
    {
        using var scope = NewDisposeScope();
        manual_seed(6);
        var norm = BatchNorm1d(4);
        using var net = LocalHessian.Tests.Cases.Networks.InFloat64(Sequential(norm, Linear(4, 3)));
        norm.register_forward_hook((_, _, output) => output.sin());
        Tensor x = randn(6, 4, float64), y = Loss.Targets(6);
        using var curvature = new NetworkCurvature(net, Loss.Loss, CurvatureData.Batch(x, y));

        Dense.Distance(curvature.Hessian().ToDense(), Dense.Hessian(Loss.Sum(net.call(x), y), net.parameters().ToArray()) / 6)
            .Should().BeLessThan(1e-10);
    }

    [Fact]
    public void Its_weight_changed_in_place_since_is_a_typed_error()
    {
        using var scope = NewDisposeScope();
        using var net = Sequential(Linear(4, 4), BatchNorm1d(4), Linear(4, 3));
        using var curvature = new NetworkCurvature(net, Loss.Loss, CurvatureData.Batch(randn(6, 4), Loss.Targets(6)));
        using var hessian = curvature.Hessian();
        var v = ones(hessian.Size);
        hessian.Apply(v).Dispose();
        using (no_grad()) net.get_parameter("1.weight")!.mul_(2);

        hessian.Invoking(h => h.Apply(v)).Should().Throw<InvalidOperationException>().WithMessage("*changed in place*");
    }

    [Fact]
    public void Products_leave_no_tensor_behind_and_wait_for_no_finalizer()
    {
        using var scope = NewDisposeScope();
        using var net = Sequential(Conv2d(1, 2, 2), BatchNorm2d(2), ReLU(inplace: true), Flatten(), Linear(8, 3));
        var batches = CurvatureCases.Split(randn(6, 1, 3, 3), Loss.Targets(6), 3, 3);
        using var several = new NetworkCurvature(net, Loss.Loss, CurvatureData.From(batches));
        using var one = new NetworkCurvature(net, Loss.Loss, CurvatureData.Batch(batches[0].Input, batches[0].Target));
        using SymmetricOperator recorded = one.Hessian(), anew = several.Hessian(), gaussNewton = one.GaussNewton();
        var v = ones(recorded.Size);
        Use(1);
        var before = LiveTensors.Count();
        Use(300);
        Tensor.TotalCount.Should().BeLessThanOrEqualTo(before);

        void Use(int times)
        {
            for (var i = 0; i < times; i++)
                foreach (var op in new[] { recorded, gaussNewton, anew }) op.Apply(v).Dispose();
        }
    }

    [CpuFact]
    public void A_product_asks_for_fewer_operations_than_with_libtorchs_second_derivative()
    {
        if (Operations.Missing is not null) return;
        using var scope = NewDisposeScope();
        using var net = Sequential(Conv2d(1, 2, 2), BatchNorm2d(2), ReLU(inplace: true), Flatten(), Linear(8, 3));
        Tensor x = randn(6, 1, 3, 3), y = Loss.Targets(6);
        using var curvature = new NetworkCurvature(net, Loss.Loss, CurvatureData.Batch(x, y));
        using var hessian = curvature.Hessian();
        var v = ones(hessian.Size);
        hessian.Apply(v).Dispose();
        Tensor[] leaves = [.. net.parameters()];
        var gradient = autograd.grad([Loss.Sum(net.call(x), y)], leaves, create_graph: true, retain_graph: true).ToArray();
        var vectors = leaves.Select(l => ones_like(l).detach()).ToArray();

        Maps(() => hessian.Apply(v).Dispose()).Should()
            .BeLessThan(Maps(() => autograd.grad(gradient, leaves, vectors, retain_graph: true)));

        static long Maps(Action action) => Operations.Launches(Operations.Of(action).All)
            .Where(o => o.Key.StartsWith("aten::mul", StringComparison.Ordinal)
                || o.Key.StartsWith("aten::sub", StringComparison.Ordinal)).Sum(o => o.Value);
    }
}
