using TorchSharp;
using static TorchSharp.torch;

namespace LocalHessian.Benchmarks.Quick;

/// <summary>
/// Multiplying each of many gradients by its own number on the device: no list kernel takes those, so there are four ways.
/// </summary>
internal sealed class MultiplierWays : IDisposable
{
    private readonly jit.CompilationUnit _script = jit.compile("""
        def each(gs: List[Tensor], a: List[Tensor]):
            return torch._foreach_mul(gs, a)
        def flat(gs: List[Tensor], ac: List[Tensor]):
            parts: List[Tensor] = []
            sizes: List[int] = []
            size = 0
            for g in gs:
                parts.append(g.reshape(-1))
                sizes.append(g.numel())
                size += g.numel()
            return (torch.cat(parts) * torch.repeat_interleave(ac[0], ac[1], output_size=size)).split_with_sizes(sizes)
        def spread(gs: List[Tensor], ac: List[Tensor]):
            size = 0
            for g in gs:
                size += g.numel()
            all = torch.repeat_interleave(ac[0], ac[1], output_size=size)
            views: List[Tensor] = []
            at = 0
            for g in gs:
                views.append(torch.as_strided(all, g.size(), g.stride(), at))
                at += g.numel()
            return torch._foreach_mul(gs, views)
        def stacked(gs: List[Tensor], a: List[Tensor]):
            shape = [-1]
            for _ in range(gs[0].dim()):
                shape.append(1)
            return (torch.stack(gs) * a[0].view(shape)).unbind()

        """);

    private readonly Tensor[] _gradients;
    private readonly Tensor _multipliers, _counts;
    private readonly Tensor[] _scalars;
    private readonly (Tensor[] Gradients, Tensor Multipliers)[] _shapes;

    public MultiplierWays(nn.Module network)
    {
        _gradients = [.. network.parameters().Select(p => p.grad!)];
        _multipliers = rand(_gradients.Length);
        _scalars = _multipliers.unbind();
        _counts = tensor(_gradients.Select(g => g.numel()).ToArray());
        var byShape = _gradients.Select((g, i) => (g, i: (long)i)).GroupBy(p => string.Join(',', p.g.shape));
        _shapes = [.. byShape.Select(s =>
            (s.Select(p => p.g).ToArray(), _multipliers.index_select(0, tensor(s.Select(p => p.i).ToArray()))))];
    }

    /// <summary>One launch a gradient: what the list kernel does with numbers that are on the device.</summary>
    public void Each() => Run("each", _gradients, _scalars);

    /// <summary>All gradients in one piece of memory, each number repeated as often as its gradient has entries.</summary>
    public void Flat() => Run("flat", _gradients, new[] { _multipliers, _counts });

    /// <summary>
    /// Each number repeated as often as its gradient has entries, and the list kernel on views of that: the gradients are not
    /// copied. The product's.
    /// </summary>
    public void Spread() => Run("spread", _gradients, new[] { _multipliers, _counts });

    /// <summary>The gradients of one shape in one piece.</summary>
    public void Stacked()
    {
        foreach (var (gradients, multipliers) in _shapes) Run("stacked", gradients, new[] { multipliers });
    }

    private void Run(string way, Tensor[] gradients, Tensor[] numbers)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        foreach (var result in (Tensor[])_script.invoke(way, gradients, numbers)) result.Dispose();
    }

    public void Dispose()
    {
        foreach (var t in _scalars.Concat(_shapes.Select(s => s.Multipliers)).Append(_multipliers).Append(_counts)) t.Dispose();
        _script.Dispose();
    }
}
