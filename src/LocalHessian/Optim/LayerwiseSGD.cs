using LocalHessian.Blocks;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace LocalHessian.Optim;

/// <summary>
/// SGD whose factor for each layer depends on the norms of this layer's weight and gradient alone. One-dimensional parameters
/// (biases, gains, shifts) keep the factor one, as is usual.
/// </summary>
public abstract class LayerwiseSGD : ScaledSGD
{
    private protected LayerwiseSGD(IEnumerable<SGD.ParamGroup> groups, SGD.Options defaults) : base(defaults)
    {
        ArgumentNullException.ThrowIfNull(groups);
        foreach (var group in groups) add_param_group(group);
        if (_parameter_groups.Count == 0) throw new ArgumentException("There are no parameter groups.", nameof(groups));
    }

    private protected sealed override Tensor Scales(List<ParameterUpdate> updates)
    {
        using var layers = tensor(updates.Select(u => u.Parameter.dim() > 1).ToArray(), device: updates[0].Parameter.device);
        // Weight and gradient of a layer together: the step that follows finds more of both in the cache.
        using var norms = Norms.Of([.. updates.SelectMany(u => new[] { u.Parameter, u.Gradient })]);
        using var weights = norms.slice(0, 0, norms.shape[0], 2);
        using var gradients = norms.slice(0, 1, norms.shape[0], 2);
        FiniteChecks.RequireFinite(weights, i => NameOf(updates[i].Parameter));
        using var decays = tensor(updates.Select(u => u.Options.weight_decay!.Value).ToArray(), ScalarType.Float64, weights.device);
        var factors = Factors(weights, gradients, decays);
        return where(layers, factors, ones_like(factors));
    }

    /// <summary>The factors of layers, from vectors of ‖W‖₂, ‖δW‖₂ and λ.</summary>
    private protected abstract Tensor Factors(Tensor weights, Tensor gradients, Tensor decays);

    private protected static SGD.ParamGroup[] OneGroup(IEnumerable<Parameter> parameters) => [new SGD.ParamGroup { Parameters = parameters }];
}
