using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace LocalHessian.Tests.Cases;

/// <summary>A custom module: layers, and a function that says how they are put together.</summary>
public sealed class Lambda : Module<Tensor, Tensor>
{
    private readonly Func<Module<Tensor, Tensor>[], Tensor, Tensor> _forward;
    private readonly Module<Tensor, Tensor>[] _layers;

    public Lambda(Func<Module<Tensor, Tensor>[], Tensor, Tensor> forward,
        params (string Name, Module<Tensor, Tensor> Layer)[] layers)
        : base(nameof(Lambda))
    {
        _forward = forward;
        _layers = [.. layers.Select(l => l.Layer)];
        foreach (var (name, layer) in layers) register_module(name, layer);
    }

    public Lambda WithParameter(string name, TorchSharp.Modules.Parameter parameter)
    {
        register_parameter(name, parameter);
        return this;
    }

    public override Tensor forward(Tensor input) => _forward(_layers, input);
}
