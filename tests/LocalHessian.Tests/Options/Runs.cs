using System.Globalization;
using LocalHessian.Blocks;
using LocalHessian.Monitoring;
using LocalHessian.Optim;
using LocalHessian.Reporting;
using LocalHessian.Spectra;
using LocalHessian.Tests.Cases;
using LocalHessian.Tests.Spectra;
using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace LocalHessian.Tests.Options;

/// <summary>What each consumer of options gives, as text: every digit of it, or the error.</summary>
internal static class Runs
{
    private static readonly double[] Spectrum = [.. Enumerable.Range(1, 30).Select(i => i / 10.0)];

    public static SymmetricOperator Preconditioner { get; } = new DiagonalOperator(linspace(1, 2, 30, float64));

    public static Tensor Start { get; } = ones(30, float64).DetachFromDisposeScope();

    /// <summary>Stands for a pass of the network, halved.</summary>
    public static Func<IReadOnlyList<Tensor>, Tensor> HalfTheOutput { get; } = x => x[0];

    public static string Curvature(CurvatureOptions options) => Told(() => Curvature(options, c =>
        Text(c.Gradient()) + Text(c.Hessian().Apply(ones(c.Size, float64))) + c.Loss().ToString(CultureInfo.InvariantCulture)));

    public static string KfacOfCurvature(CurvatureOptions options) =>
        Told(() => Curvature(options, c => Text(c.Kfac().Apply(ones(c.Size, float64)))));

    public static string Kronecker(Func<NetworkCurvature, KroneckerOperator> make) =>
        Curvature(new() { CheckData = false }, c => Text(make(c).Apply(ones(c.Size, float64))));

    public static string LocalHessian(HessianOptions options) => Told(() =>
    {
        manual_seed(1);
        Tensor x = randn(4, 3, float64), change = randn(4, 2, float64);
        var layer = Networks.InFloat64(Linear(3, 2));
        using BackMatchingLoss curved = BackMatchingLoss.Of(Sequential(layer, Tanh()), x, change),
            linear = BackMatchingLoss.Of(layer, x, change);
        return $"{Text(curved.ForInput().Hessian(options))} by {linear.ForInput().Method(options)}";
    });

    public static string Monitor(MonitorOptions options)
    {
        manual_seed(2);
        using var network = Networks.InFloat64(Sequential(Linear(5, 4), Tanh(), Linear(4, 3)));
        var x = randn(8, 5, float64);
        var log = new Kept();
        var monitor = new BlockMonitor(NetworkStructure.Find(network, x), options, log);
        using var optimizer = torch.optim.SGD(network.parameters(), 0.1);
        for (var step = 0; step < 2; step++)
        {
            optimizer.zero_grad();
            network.call(x).square().mean().backward();
            monitor.Step(optimizer, x, y => y.square().mean());
        }

        return string.Join('\n', log.All.Select(r =>
            $"{r.Step} {r.Block} {string.Join(' ', r.Quantities.Select(q => Text(q.Value)))}"));
    }

    public static string Report(ReportOptions options)
    {
        manual_seed(3);
        using var network = Networks.InFloat64(Sequential(
            ("pair", Sequential(Linear(5, 4), Tanh(), Linear(4, 4))), ("tanh", Tanh()), ("head", Linear(4, 4))));
        // No Hessian is so small that more steps or probes make it a dense one.
        return NetworkReport.Of(network, randn(4, 5, float64), y => y.square().mean(), options).ToJson();
    }

    public static string Solve(SolveOptions options, Func<SymmetricOperator, Tensor, SolveResult> solve)
    {
        using var a = new DenseOperator(TestMatrices.WithSpectrum(Spectrum));
        var result = solve(a, TestMatrices.Normal(1, 30, 2));
        return $"{result} {Text(result.Solution)}";
    }

    public static string Inverse(SolveOptions options, SolveMethod method) => Told(() =>
    {
        using var a = new DenseOperator(TestMatrices.WithSpectrum(Spectrum));
        using var inverse = new InverseOperator(a, options, method);
        return Text(inverse.Apply(TestMatrices.Normal(1, 30, 2)));
    });

    public static string Extremes(LanczosOptions options)
    {
        using var a = new DenseOperator(TestMatrices.WithSpectrum(Spectrum));
        var result = Lanczos.Eigenvalues(a, largest: 2, smallest: 1, options);
        return $"{result} {string.Join(' ', result.Eigenvalues.Select(l => l.ToString("R", CultureInfo.InvariantCulture)))}";
    }

    public static string Amended(ScaleAmendedSGDOptions options)
    {
        var x = Images();
        return Moved(n => new ScaleAmendedSGD(NetworkStructure.Find(n, x), options));
    }

    /// <summary>The weights after three steps.</summary>
    public static string Moved(Func<Module<Tensor, Tensor>, ScaledSGD> make)
    {
        manual_seed(4);
        // The map of the first layer is pooled, a bias is auxiliary, and no normalisation leaves the floor without effect.
        using var network = Networks.InFloat64(Sequential(Conv2d(2, 3, 3), ReLU(), MaxPool2d(2), Flatten(), Linear(12, 5)));
        var x = Images();
        using var optimizer = make(network);
        for (var step = 0; step < 3; step++)
        {
            optimizer.zero_grad();
            (network.call(x) - 1).square().mean().backward();
            optimizer.step();
        }

        return string.Concat(network.parameters().Select(p => Text(p)));
    }

    private static Tensor Images() => Draws.Normal(5, [4, 2, 6, 6]);

    private static Module<Tensor, Tensor> Convolutional()
    {
        manual_seed(6);
        var network = Networks.InFloat64(Sequential(("first", Conv2d(1, 2, 2)), ("tanh", Tanh()), ("drop", Dropout(0.5)),
            ("flat", Flatten()), ("head", Linear(8, 3))));
        network.train();
        return network;
    }

    private static string Curvature(CurvatureOptions options, Func<NetworkCurvature, string> use)
    {
        using var network = Convolutional();
        var (x, y) = (TestMatrices.Normal(7, 5, 9).reshape(5, 1, 3, 3), TestMatrices.Normal(8, 5, 3));
        if (options.Forward == HalfTheOutput) options = options with { Forward = inputs => network.call(inputs[0]) * 0.5 };
        var enumerations = 0;
        using var curvature = new NetworkCurvature(network, CurvatureLoss.SquaredError, CurvatureData.From(Batches()), options);
        return use(curvature);

        // Other targets each time, which the check is there to refuse.
        IEnumerable<(Tensor, Tensor)> Batches()
        {
            enumerations++;
            yield return (x[..3], y[..3]);
            yield return (x[3..], y[3..] * enumerations);
        }
    }

    private static string Told(Func<string> run)
    {
        try
        {
            return run();
        }
        catch (Exception e) when (e is InvalidOperationException or MatrixTooLargeException)
        {
            return e.Message;
        }
    }

    private static string Text(double value) => value.ToString("R", CultureInfo.InvariantCulture);

    private static string Text(Tensor t) =>
        string.Join(' ', t.detach().to(float64).Host<double>().Select(d => d.ToString("R", CultureInfo.InvariantCulture)));

    private sealed class Kept : IBlockLog
    {
        public List<BlockReading> All { get; } = [];

        public void Write(IReadOnlyList<BlockReading> readings) => All.AddRange(readings);
    }
}
