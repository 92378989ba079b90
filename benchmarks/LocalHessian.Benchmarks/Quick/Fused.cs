using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace LocalHessian.Benchmarks.Quick;

/// <summary>
/// libtorch's own fused SGD kernel on a list of weights, and one pass of norms: the least a scaled step could cost.
/// </summary>
internal sealed class Fused : IDisposable
{
    private readonly jit.CompilationUnit _script = jit.compile("""
        def step(weights: List[Tensor], gradients: List[Tensor], buffers: List[Tensor]):
            torch._fused_sgd_(weights, gradients, buffers, weight_decay=0.005, momentum=0.9, lr=1e-6, dampening=0.0,
                              nesterov=False, maximize=False, is_first_step=False)
        def norms(weights: List[Tensor]):
            return torch.stack(torch._foreach_norm(weights, 2))
        def one_by_one(w: List[Tensor], g: List[Tensor], v: List[Tensor], weights: List[Tensor], gradients: List[Tensor],
                       buffers: List[Tensor]):
            for i in range(len(weights)):
                w[0] = weights[i]
                g[0] = gradients[i]
                v[0] = buffers[i]
                parts = weights[i].view([16, -1]) if weights[i].numel() % 16 == 0 else weights[i].view([1, -1])
                norm = float(torch.linalg_vector_norm(torch.linalg_vector_norm(parts, 2, [1])))
                torch._fused_sgd_(w, g, v, weight_decay=0.005, momentum=0.9, lr=1e-6, dampening=norm * 1e-6,
                                  nesterov=False, maximize=False, is_first_step=False)

        """);

    private readonly Tensor[] _weights, _gradients, _buffers;

    public Fused(nn.Module network)
    {
        var parameters = network.parameters().ToArray();
        _weights = [.. parameters.Select(p => p.detach())];
        _gradients = [.. parameters.Select(p => p.grad!)];
        _buffers = [.. _weights.Select(w => zeros_like(w))];
    }

    public void Step()
    {
        Norms();
        Update();
    }

    public void Norms()
    {
        using var noGrad = no_grad();
        ((Tensor)_script.invoke("norms", (object)_weights)).Dispose();
    }

    public void Update()
    {
        using var noGrad = no_grad();
        _script.invoke("step", _weights, _gradients, _buffers);
    }

    /// <summary>Each weight moved right after its norm, while it is in the cache.</summary>
    public void OneByOne()
    {
        using var noGrad = no_grad();
        _script.invoke("one_by_one", new[] { _weights[0] }, new[] { _gradients[0] }, new[] { _buffers[0] }, _weights, _gradients,
            _buffers);
    }

    public void Copy()
    {
        using var noGrad = no_grad();
        for (var i = 0; i < _weights.Length; i++) _weights[i].copy_(_buffers[i]);
    }

    public void Dispose()
    {
        foreach (var tensor in _weights.Concat(_gradients).Concat(_buffers)) tensor.Dispose();
        _script.Dispose();
    }
}
