using System.Collections;
using System.Reflection;
using Hook = System.Func<TorchSharp.torch.nn.Module<TorchSharp.torch.Tensor, TorchSharp.torch.Tensor>,
    TorchSharp.torch.Tensor, TorchSharp.torch.Tensor, TorchSharp.torch.Tensor>;
using PreHook = System.Func<TorchSharp.torch.nn.Module<TorchSharp.torch.Tensor, TorchSharp.torch.Tensor>,
    TorchSharp.torch.Tensor, TorchSharp.torch.Tensor>;

namespace LocalHessian.Internal;

/// <summary>
/// While a pass is recorded, evaluates batch norm that takes the statistics of its batch by <see cref="BatchNormFunction"/>,
/// whose second derivative takes fewer passes than libtorch's. Disposing hands what is recorded to the dispose scope around.
/// </summary>
/// <remarks>
/// What does not fit is left to libtorch: other devices than the CPU, where a backward pass may run on another thread; half
/// precision; modules derived from TorchSharp's or called by <c>forward</c>; and those with hooks of a user's own.
/// </remarks>
internal sealed class TrainingNorms : IDisposable
{
    // Which TorchSharp does not hand out; where it is not found, nothing is replaced.
    private static readonly FieldInfo? Hooks = typeof(nn.HookableModule<PreHook, Hook>).GetField(
        "post_hooks", BindingFlags.Instance | BindingFlags.NonPublic);

    private readonly List<Action> _remove = [];
    private readonly List<Tensor> _kept = [];

    public TrainingNorms(nn.Module network)
    {
        foreach (var norm in NetworkParts.Modules(network).Select(m => m.Module).OfType<BatchNorm>())
            if (norm.GetType() is var type
                && (type == typeof(BatchNorm1d) || type == typeof(BatchNorm2d) || type == typeof(BatchNorm3d))
                && Hooks?.GetValue(norm) is ICollection { Count: 0 })
                _remove.Add(norm.register_forward_hook((_, input, output) => Replaced(norm, input, output)).remove);
    }

    public void Dispose()
    {
        foreach (var remove in _remove) remove();
        using var scope = NewDisposeScope();
        foreach (var tensor in _kept) scope.Attach(tensor);
        scope.MoveToOuter(_kept);
    }

    private Tensor Replaced(BatchNorm norm, Tensor input, Tensor output)
    {
        if (!Fits(norm, input, output)) return output;
        // Nobody else has it, and it is as large as what takes its place.
        output.Dispose();
        return BatchNormFunction.Of(input, norm.weight, norm.bias, norm.eps, _kept);
    }

    private static bool Fits(BatchNorm norm, Tensor input, Tensor output) =>
        (norm.training || norm.running_mean is null) && output.requires_grad && input.device_type == DeviceType.CPU
        && input.dtype is ScalarType.Float32 or ScalarType.Float64 && (norm.weight is null || norm.weight.dtype == input.dtype);
}
