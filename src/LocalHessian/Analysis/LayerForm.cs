namespace LocalHessian;

/// <summary>
/// The closed forms: a linear or convolution layer, alone or followed by batch norm. Per-sample <c>W_aᵀ diag(γ²/σ²) W_a</c> and
/// <c>(γ²/σ²) A Aᵀ</c> a channel, eqs. (8), (9), (41), (43), less the low-rank terms of batch statistics (MATH §2).
/// </summary>
internal sealed partial class LayerForm
{
    private readonly nn.Module<Tensor, Tensor> _layer;
    private readonly BatchNorm? _norm;
    private readonly Tensor _input;
    private readonly Tensor _weight;
    private readonly Tensor _recorded;

    private LayerForm(nn.Module<Tensor, Tensor> layer, Tensor weight, BatchNorm? norm, Tensor input) =>
        (_layer, _weight, _norm, _input, _recorded) =
        (layer, weight, norm, input, weight.detach().clone().DetachFromDisposeScope());

    public bool HasNorm => _norm is not null;

    private bool UsesBatch => _norm is not null && ChannelScaling.UsesBatch(_norm);

    /// <summary>dim W/n.</summary>
    public long WeightsOfAChannel => _weight.numel() / _weight.shape[0];

    private long Samples => _input.shape[0];

    /// <summary>D_{b-1}.</summary>
    public long Features => _input.numel() / Samples;

    /// <summary>The form of a block, or null where it has none.</summary>
    public static LayerForm? Of(nn.Module<Tensor, Tensor> block, BlockGraph graph)
    {
        var layers = Flatten(block).ToList();
        return layers switch
        {
            [var layer] => Of(layer, null, graph),
            [var layer, BatchNorm norm] => Of(layer, norm, graph),
            _ => null,
        };
    }

    /// <summary>The form of a layer and a norm that run one after the other.</summary>
    public static LayerForm? Of(nn.Module layer, BatchNorm? norm, BlockGraph graph)
    {
        // Exact types: a subclass may compute something else.
        var weight = layer switch
        {
            Linear l when l.GetType() == typeof(Linear) && (norm is null || graph.Input!.dim() == 2) => l.weight,
            Convolution { padding_mode: PaddingModes.Zeros } c when graph.Input!.dim() == c.kernel_size.Length + 2
                && (c is Conv1d or Conv2d or Conv3d or ConvTranspose1d or ConvTranspose2d or ConvTranspose3d) => c.weight,
            _ => null,
        };
        return weight is not null && graph.Weights.Count == 1 && graph.Weights[0].Handle == weight.Handle
            ? new LayerForm((nn.Module<Tensor, Tensor>)layer, weight, norm, graph.Input!.detach().DetachFromDisposeScope())
            : null;
    }

    /// <summary>
    /// Whether a part has a closed form. With batch statistics the residual part has none, so with Δ neither has the whole.
    /// </summary>
    public bool Covers(bool weight, HessianPart part, bool hasChange) =>
        !(weight && _layer is Convolution { transposed: true }) && (!UsesBatch || !hasChange || part == HessianPart.GaussNewton);

    public void Release()
    {
        _input.Dispose();
        _recorded.Dispose();
    }

    // What a recorded graph does by itself: refuse once the weight has changed.
    private ChannelScaling Scaling() => _recorded.Equals(_weight.detach())
        ? ChannelScaling.Of(_norm, _layer.forward(_input))
        : throw new InvalidOperationException(
            "The weight has been changed in place since the block was recorded (by an optimizer's step?): record it again.");

    private static IEnumerable<nn.Module> Flatten(nn.Module block) =>
        block.GetType() == typeof(Sequential) ? block.children().SelectMany(Flatten) : [block];
}
