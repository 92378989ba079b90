using BenchmarkDotNet.Attributes;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Toolchains.InProcess.Emit;
using LocalHessian.Benchmarks.Quick;
using TorchSharp;
using static TorchSharp.torch;

namespace LocalHessian.Benchmarks.Record;

/// <summary>One step of each optimizer on VGG13's weights and on 200 small blocks.</summary>
[Config(typeof(InProcess))]
[MemoryDiagnoser]
public class StepBenchmarks
{
    private nn.Module<Tensor, Tensor>? _network;
    private optim.Optimizer? _optimizer;

    /// <summary>The network.</summary>
    [Params("VGG13", "200 of 64×64")]
    public string Network { get; set; } = "";

    /// <summary>The optimizer.</summary>
    [Params("torch.optim.SGD", "ScaleAmendedSGD", "LARS", "LSALR")]
    public string Optimizer { get; set; } = "";

    /// <summary>Builds both, and lets the momentum exist.</summary>
    [GlobalSetup]
    public void Setup()
    {
        set_num_threads(2);
        _network = Network == "VGG13" ? Weights.Vgg13() : Weights.Linears(200, 64);
        _optimizer = Optimizer switch
        {
            "ScaleAmendedSGD" => Weights.ScaleAmended(_network),
            "LARS" => Weights.Lars(_network),
            "LSALR" => Weights.Lsalr(_network),
            _ => Weights.Sgd(_network),
        };
        _optimizer.step();
    }

    /// <summary>Disposes both.</summary>
    [GlobalCleanup]
    public void Cleanup()
    {
        _optimizer!.Dispose();
        _network!.Dispose();
    }

    /// <summary>The step.</summary>
    [Benchmark]
    public void Step() => _optimizer!.step();

    /// <summary>BenchmarkDotNet's own projects would lack the native library.</summary>
    private sealed class InProcess : ManualConfig
    {
        public InProcess() => AddJob(Job.ShortRun.WithToolchain(new InProcessEmitToolchain(logOutput: false)));
    }
}
