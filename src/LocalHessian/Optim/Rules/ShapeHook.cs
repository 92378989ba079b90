using LocalHessian.Blocks;

namespace LocalHessian.Optim;

/// <summary>
/// Refuses training inputs whose maps have another size than the example's, where s and c are read inside blocks. The default
/// convention's multipliers do not depend on that size, and have no hook (MATH §6).
/// </summary>
internal sealed class ShapeHook : IDisposable
{
    private readonly Action _remove;

    public ShapeHook(Block first)
    {
        var expected = first.InputShape.Skip(1).ToArray();
        _remove = first.Layer.register_forward_pre_hook((layer, input) =>
        {
            if (layer.training && torch.is_grad_enabled() && !SegmentedPass.IsRunning && !input.shape.AsSpan(1)
                .SequenceEqual(expected))
                throw new InvalidOperationException(
                    $"'{first.Name}' receives samples of shape {Describe.Shape(input.shape[1..])}, and the example that the "
                    + $"optimizer was built with had {Describe.Shape(expected)} there. PositionConvention.LayerSharing and "
                    + "LayerOutput read map sizes off the example: build the optimizer with an example like the training "
                    + "data, or keep the default, BlockOutput, which does not depend on them.");
            return null!; // keep the module's own input
        }).remove;
    }

    public void Dispose() => _remove();
}
