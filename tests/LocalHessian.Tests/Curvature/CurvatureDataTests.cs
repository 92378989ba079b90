using LocalHessian.Tests.Cases;
using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace LocalHessian.Tests.Curvature;

/// <summary>Whatever can be enumerated again serves as data, and what changes is refused.</summary>
public class CurvatureDataTests
{
    // TorchSharp's loader makes its batches on the CPU.
    [CpuTheory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_data_loader_gives_what_one_batch_gives(bool iterable)
    {
        using var scope = NewDisposeScope();
        using var net = Net();
        Tensor x = randn(7, 4, float64), y = randint(0, 3, 7, int64);
        using var whole = new NetworkCurvature(net, CurvatureLoss.CrossEntropy, CurvatureData.Batch(x, y));
        CurvatureData data;
        if (iterable) data = CurvatureData.From(torch.utils.data.DataLoader(new Rows(x, y), 3));
        else data = CurvatureData.From(torch.utils.data.DataLoader(new NamedRows(x, y), 3), "label", "image");
        using var curvature = new NetworkCurvature(net, CurvatureLoss.CrossEntropy, data);

        Dense.Distance(curvature.Hessian().ToDense(), whole.Hessian().ToDense()).Should().BeLessThan(1e-12);
        Dense.Distance(curvature.Gradient(), whole.Gradient()).Should().BeLessThan(1e-12);
    }

    [CpuFact]
    public void A_shuffling_loader_is_refused_unless_the_check_is_switched_off()
    {
        using var scope = NewDisposeScope();
        using var net = Net();
        var loader = torch.utils.data.DataLoader(new Rows(randn(30, 4, float64), randint(0, 3, 30, int64)), 3, shuffle: true);
        using var curvature = new NetworkCurvature(net, CurvatureLoss.CrossEntropy, CurvatureData.From(loader));
        using var unchecked_ = new NetworkCurvature(net, CurvatureLoss.CrossEntropy, CurvatureData.From(loader),
            new() { CheckData = false });

        curvature.Invoking(c => c.Hessian().Apply(ones(c.Size, float64))).Should().Throw<UnrepeatableDataException>()
            .WithMessage("*other numbers*CheckData*");
        unchecked_.Invoking(c => c.Hessian().Apply(ones(c.Size, float64))).Should().NotThrow();
    }

    [Fact]
    public void Another_order_augmentation_and_data_that_are_used_up_are_told_apart()
    {
        using var scope = NewDisposeScope();
        using var net = Net();
        Tensor x = randn(6, 4, float64), y = randint(0, 3, 6, int64);
        var pass = 0;
        Refused(() => pass++ % 2 == 0 ? Batches() : Enumerable.Reverse(Batches()), "*another order*");
        Refused(() => Batches().Select((b, i) => (i == 1 ? b.Input + 1e-3 * rand_like(b.Input) : b.Input, b.Target)),
            "*1 of 2 batches, the first of them batch 1,*");
        var queue = new Queue<(Tensor, Tensor)>(Batches());
        Refused(UsedUp, "*had 2 batches when enumerated first, and 0 the second time*");
        Refused(() => [], "*no batch*");

        IEnumerable<(Tensor, Tensor)> UsedUp()
        {
            while (queue.TryDequeue(out var batch)) yield return batch;
        }

        List<(Tensor Input, Tensor Target)> Batches() => CurvatureCases.Split(x, y, 3, 3);

        void Refused(Func<IEnumerable<(Tensor, Tensor)>> batches, string message)
        {
            using var curvature = new NetworkCurvature(net, CurvatureLoss.CrossEntropy, CurvatureData.From(Again()));
            curvature.Invoking(c => c.Gradient()).Should().Throw<Exception>().WithMessage(message);

            // Each enumeration asks the source anew.
            IEnumerable<(Tensor, Tensor)> Again()
            {
                foreach (var batch in batches()) yield return batch;
            }
        }
    }

    [Fact]
    public void Batches_made_while_enumerating_are_released_and_a_tensor_kept_between_them_is_named()
    {
        using var scope = NewDisposeScope();
        using var net = Net();
        Tensor x = randn(6, 4, float64), y = randint(0, 3, 6, int64);
        using var curvature = new NetworkCurvature(net, CurvatureLoss.CrossEntropy, CurvatureData.From(Made(keep: false)));
        curvature.GradientNorm();
        var before = LiveTensors.Count();
        for (var i = 0; i < 3; i++) curvature.GradientNorm();
        LiveTensors.Count().Should().Be(before);

        using var broken = new NetworkCurvature(net, CurvatureLoss.CrossEntropy, CurvatureData.From(Made(keep: true)));
        broken.Invoking(c => c.GradientNorm()).Should().Throw<ObjectDisposedException>().WithMessage("*batch 2*created before*");

        IEnumerable<(Tensor, Tensor)> Made(bool keep)
        {
            var rows = x * 1; // on the way to the first batch: for all of them
            Tensor? labels = null;
            for (var i = 0; i < 3; i++)
            {
                if (!keep || i == 1) labels = y.narrow(0, 2 * i, 2) + 0;
                yield return (rows.narrow(0, 2 * i, 2) * 1, labels ?? y[..2]);
            }
        }
    }

    [Fact]
    public void Memory_and_graphs_are_those_of_one_batch()
    {
        using var scope = NewDisposeScope();
        using var net = Net();
        var calls = 0;
        Tensor x = randn(8, 4, float64), y = randint(0, 3, 8, int64);
        var options = new CurvatureOptions { Forward = inputs => { calls++; return net.call(inputs[0]); } };
        using var parts = new NetworkCurvature(net, CurvatureLoss.CrossEntropy,
            CurvatureData.From(CurvatureCases.Split(x, y, 2, 2, 4)), options);
        using var one = new NetworkCurvature(net, CurvatureLoss.CrossEntropy, CurvatureData.Batch(x, y), options);
        var vectors = randn(one.Size, 5, float64);

        parts.Hessian().Apply(vectors);
        calls.Should().Be(3, "a batch is recorded once for all five vectors");
        calls = 0;
        one.Hessian().Apply(vectors);
        one.GaussNewton().Apply(vectors);
        one.Gradient();
        calls.Should().Be(1, "a single batch is recorded once for everything");
    }

    private static Module<Tensor, Tensor> Net()
    {
        manual_seed(1);
        return LocalHessian.Tests.Cases.Networks.InFloat64(Sequential(Linear(4, 5), Tanh(), Linear(5, 3)));
    }

    private sealed class Rows(Tensor x, Tensor y) : torch.utils.data.IterableDataset
    {
        public override long Count => x.shape[0];

        public override IList<Tensor> GetTensor(long index) => [x[index].clone(), y[index].clone()];
    }

    private sealed class NamedRows(Tensor x, Tensor y) : torch.utils.data.Dataset
    {
        public override long Count => x.shape[0];

        public override Dictionary<string, Tensor> GetTensor(long index) =>
            new() { ["image"] = x[index].clone(), ["label"] = y[index].clone() };
    }
}
