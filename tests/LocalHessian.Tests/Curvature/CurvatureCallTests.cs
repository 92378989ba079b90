using LocalHessian.Tests.Cases;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace LocalHessian.Tests.Curvature;

/// <summary>Networks of several inputs, of a tuple, called in a way of their own; and what a call leaves as it was.</summary>
public class CurvatureCallTests
{
    [Fact]
    public void Two_inputs_a_tuple_and_a_function_give_the_same_matrix()
    {
        using var scope = NewDisposeScope();
        manual_seed(1);
        var layer = LocalHessian.Tests.Cases.Networks.InFloat64(Linear(5, 3));
        using Two two = new(layer);
        using Tuple tuple = new(layer);
        using Mute mute = new(layer);
        Tensor a = randn(4, 2, float64), b = randn(4, 3, float64), y = randint(0, 3, 4, int64);
        var data = CurvatureData.Batch(new CurvatureBatch([a, b], y));
        using var plain = new NetworkCurvature(layer, CurvatureLoss.CrossEntropy, CurvatureData.Batch(cat([a, b], 1), y));
        var expected = plain.Hessian().ToDense();

        foreach (var (network, options) in new (Module, CurvatureOptions)[]
            { (two, new()), (tuple, new()), (mute, new() { Forward = inputs => layer.call(cat([inputs[0], inputs[1]], 1)) }) })
        {
            using var curvature = new NetworkCurvature(network, CurvatureLoss.CrossEntropy, data, options);
            Dense.Distance(curvature.Hessian().ToDense(), expected).Should().BeLessThan(1e-13);
        }

        ((Func<object>)(() => new NetworkCurvature(mute, CurvatureLoss.CrossEntropy, data))).Should().Throw<ArgumentException>()
            .WithMessage("*Mute*Forward*");
        using var wrong = new NetworkCurvature(layer, CurvatureLoss.CrossEntropy, data);
        wrong.Invoking(c => c.Gradient()).Should().Throw<ArgumentException>().WithMessage("*takes 1 inputs and a batch has 2*");
    }

    [Fact]
    public void In_training_mode_statistics_flags_gradients_and_random_state_stay_and_masks_are_those_of_the_seed()
    {
        using var scope = NewDisposeScope();
        manual_seed(4);
        using var net = LocalHessian.Tests.Cases.Networks.InFloat64(Sequential(Linear(4, 6), BatchNorm1d(6), ReLU(inplace: true),
            Dropout(0.5), Linear(6, 3)));
        Tensor x = randn(10, 4, float64), y = randint(0, 3, 10, int64);
        functional.cross_entropy(net.call(x), y).backward();
        var gradients = net.parameters().Select(p => p.grad!.clone()).ToList();
        var buffers = net.buffers().Select(b => b.clone()).ToList();
        var state = random.get_rng_state();
        var v = randn(63, float64);
        random.set_rng_state(state);

        var products = new List<Tensor>();
        foreach (var seed in new long[] { 0, 0, 7 })
        {
            using var curvature = new NetworkCurvature(net, CurvatureLoss.CrossEntropy,
                CurvatureData.From(CurvatureCases.Split(x, y, 6, 4)), new() { Seed = seed });
            using var hessian = curvature.Hessian();
            products.Add(hessian.Apply(v));
            hessian.Apply(v).Equals(products[^1]).Should().BeTrue("the masks are the same in every product");
        }

        products[1].Equals(products[0]).Should().BeTrue();
        Dense.Distance(products[2], products[0]).Should().BeGreaterThan(1e-3, "another seed, other masks");
        net.parameters().Zip(gradients).Should().OnlyContain(p => p.First.grad!.Equals(p.Second));
        net.buffers().Zip(buffers).Should().OnlyContain(p => p.First.Equals(p.Second));
        random.get_rng_state().Equals(state).Should().BeTrue();
        net.modules().Should().OnlyContain(m => m.training);
    }

    private sealed class Two : Module<Tensor, Tensor, Tensor>
    {
        private readonly Module<Tensor, Tensor> _layer;

        public Two(Module<Tensor, Tensor> layer) : base(nameof(Two))
        {
            _layer = layer;
            RegisterComponents();
        }

        public override Tensor forward(Tensor a, Tensor b) => _layer.call(cat([a, b], 1));
    }

    private sealed class Tuple : Module<(Tensor, Tensor), Tensor>
    {
        private readonly Module<Tensor, Tensor> _layer;

        public Tuple(Module<Tensor, Tensor> layer) : base(nameof(Tuple))
        {
            _layer = layer;
            RegisterComponents();
        }

        public override Tensor forward((Tensor, Tensor) pair) => _layer.call(cat([pair.Item1, pair.Item2], 1));
    }

    private sealed class Mute : Module
    {
        private readonly Linear _layer;

        public Mute(Linear layer) : base(nameof(Mute))
        {
            _layer = layer;
            RegisterComponents();
        }

        public override string ToString() => _layer.ToString()!;
    }
}
