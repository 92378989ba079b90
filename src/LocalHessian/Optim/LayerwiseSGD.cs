using LocalHessian.Blocks;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace LocalHessian.Optim;

/// <summary>
/// SGD whose factor for each layer depends on the norms of this layer's weight and gradient alone. One-dimensional parameters
/// (biases, gains, shifts) keep the factor one, as is usual.
/// </summary>
/// <remarks>
/// On the CPU a layer of more than a million weights moves right after its norms are read, while it is in the cache. An error about a
/// weight thus finds other parameters moved already, unless <see cref="ScaledSGD.NonFiniteGradients"/> is another than Ignore: then all norms are read first.
/// </remarks>
public abstract class LayerwiseSGD : ScaledSGD
{
    private const long LargeSize = 1 << 20; // many small ones cost less in one part

    private protected LayerwiseSGD(IEnumerable<SGD.ParamGroup> groups, SGD.Options defaults) : base(defaults)
    {
        ArgumentNullException.ThrowIfNull(groups);
        foreach (var group in groups) add_param_group(group);
        if (_parameter_groups.Count == 0) throw new ArgumentException("There are no parameter groups.", nameof(groups));
    }

    private protected sealed override IEnumerable<List<ParameterUpdate>> Parts(List<ParameterUpdate> updates)
    {
        if (NonFiniteGradients != NonFiniteGradients.Ignore || updates[0].Parameter.device_type != DeviceType.CPU) return [updates];
        var sizes = updates.ToLookup(u => u.Parameter.numel() >= LargeSize);
        var large = sizes[true].Select(u => new List<ParameterUpdate> { u });
        return sizes[false].Any() ? large.Prepend([.. sizes[false]]) : large;
    }

    private protected sealed override Tensor Scales(List<ParameterUpdate> updates)
    {
        using var layers = tensor(updates.Select(u => u.Parameter.dim() > 1).ToArray(), device: updates[0].Parameter.device);
        using var factors = Factors(updates);
        return where(layers, factors, ones_like(factors));
    }

    /// <summary>What the factors would be if all parameters were layers, a float64 vector on their device.</summary>
    private protected abstract Tensor Factors(List<ParameterUpdate> updates);

    private protected static SGD.ParamGroup[] OneGroup(IEnumerable<Parameter> parameters) => [new SGD.ParamGroup { Parameters = parameters }];
}
