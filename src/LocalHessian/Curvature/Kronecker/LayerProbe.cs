namespace LocalHessian;

/// <summary>
/// During one forward pass, notes the input of each layer and adds a leaf of zeros to its output: the gradient with respect to
/// that leaf is that with respect to the output.
/// </summary>
internal sealed class LayerProbe : IDisposable
{
    private readonly IReadOnlyList<KroneckerLayer> _layers;
    private readonly Tensor?[] _inputs, _leaves;
    private readonly List<Action> _remove = [];

    public LayerProbe(IReadOnlyList<KroneckerLayer> layers)
    {
        _layers = layers;
        (_inputs, _leaves) = (new Tensor?[layers.Count], new Tensor?[layers.Count]);
        for (var i = 0; i < layers.Count; i++)
        {
            var index = i;
            var remover = layers[i].Module.register_forward_hook((_, input, output) => Visit(index, input, output));
            _remove.Add(remover.remove);
        }
    }

    /// <summary>The input of each layer.</summary>
    public IReadOnlyList<Tensor> Inputs => Called(_inputs);

    /// <summary>A leaf for each layer, of its output's shape.</summary>
    public IReadOnlyList<Tensor> Leaves => Called(_leaves);

    public void Dispose()
    {
        foreach (var remove in _remove) remove();
        foreach (var tensor in _inputs.Concat(_leaves)) tensor?.Dispose();
    }

    private Tensor Visit(int index, Tensor input, Tensor output)
    {
        if (_inputs[index] is not null)
            throw new NotSupportedException(
                $"K-FAC does not fit '{_layers[index].Name}': it is called several times in a forward pass.");
        // Out of the scope at once: a network may open one of its own.
        _inputs[index] = input.detach().DetachFromDisposeScope();
        // One zero that counts as many: nothing is written, and little read.
        _leaves[index] = zeros(1, output.dtype, output.device).expand(output.shape).requires_grad_().DetachFromDisposeScope();
        return output + _leaves[index]!;
    }

    private Tensor[] Called(Tensor?[] tensors)
    {
        var missing = Array.FindIndex(tensors, t => t is null);
        return missing < 0 ? [.. tensors.Select(t => t!)] : throw new NotSupportedException(
            $"K-FAC does not fit '{_layers[missing].Name}': the forward pass does not use it through call().");
    }
}
