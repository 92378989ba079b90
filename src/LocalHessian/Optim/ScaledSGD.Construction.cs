using LocalHessian.Blocks;

namespace LocalHessian.Optim;

public partial class ScaledSGD
{
    /// <summary>Optimises a network's parameters in one group; messages and state files name them.</summary>
    /// <param name="rule">Computes the multipliers. It becomes the optimizer's, which disposes it.</param>
    /// <param name="network">The network, already on its device and in its dtype.</param>
    /// <param name="options">The group's options.</param>
    /// <exception cref="ArgumentException">An option is out of range, or a parameter is refused.</exception>
    public ScaledSGD(MultiplierRule rule, nn.Module network, ScaledSGDOptions options)
        : this(rule, options, NetworkParts.Parameters(Argument.ThrowIfNull(network)), network)
    {
    }

    /// <summary>Optimises named parameters in one group; messages and state files name them.</summary>
    /// <inheritdoc cref="ScaledSGD(MultiplierRule, nn.Module, ScaledSGDOptions)" path="/exception"/>
    /// <param name="rule">Computes the multipliers. It becomes the optimizer's, which disposes it.</param>
    /// <param name="parameters">E.g. <c>network.named_parameters()</c>.</param>
    /// <param name="options">The group's options.</param>
    public ScaledSGD(MultiplierRule rule, IEnumerable<(string name, Parameter parameter)> parameters, ScaledSGDOptions options)
        : this(rule, options, parameters, parameters)
    {
    }

    /// <summary>Optimises parameters in one group.</summary>
    /// <inheritdoc cref="ScaledSGD(MultiplierRule, nn.Module, ScaledSGDOptions)" path="/exception"/>
    /// <param name="rule">Computes the multipliers. It becomes the optimizer's, which disposes it.</param>
    /// <param name="parameters">E.g. <c>network.parameters()</c>.</param>
    /// <param name="options">The group's options.</param>
    public ScaledSGD(MultiplierRule rule, IEnumerable<Parameter> parameters, ScaledSGDOptions options)
        : this(rule, [new SGD.ParamGroup { Parameters = Argument.ThrowIfNull(parameters) }], options)
    {
    }

    /// <summary>Optimises parameter groups.</summary>
    /// <inheritdoc cref="ScaledSGD(MultiplierRule, nn.Module, ScaledSGDOptions)" path="/exception"/>
    /// <param name="rule">Computes the multipliers. It becomes the optimizer's, which disposes it.</param>
    /// <param name="parameters">The groups, see <see cref="add_param_group"/>.</param>
    /// <param name="options">What the groups leave open.</param>
    public ScaledSGD(MultiplierRule rule, IEnumerable<SGD.ParamGroup> parameters, ScaledSGDOptions options)
        : this(rule, options) => AddAll(parameters);

    private ScaledSGD(
        MultiplierRule rule, ScaledSGDOptions options, IEnumerable<(string Name, Parameter Parameter)> parameters,
        object owner)
        : this(rule, options)
    {
        ArgumentNullException.ThrowIfNull(parameters);
        var all = parameters.ToList();
        Remember(all.Where(p => p.Parameter is not null).Select(p => new NamedParameter(p.Name, p.Parameter)), owner);
        AddAll([new SGD.ParamGroup { Parameters = all.Select(p => p.Parameter) }]);
    }

    /// <summary>For derived classes that add their groups themselves.</summary>
    private protected ScaledSGD(MultiplierRule rule, ScaledSGDOptions options)
    {
        ArgumentNullException.ThrowIfNull(rule);
        ArgumentNullException.ThrowIfNull(options);
        _rule = rule;
        _options = options.Validated();
        _defaults = _options;
        _parameter_groups = [];
    }

    /// <summary>Names parameters, and keeps alive what they die with.</summary>
    private protected void Remember(IEnumerable<NamedParameter> parameters, object owner)
    {
        foreach (var p in parameters) _names[p.Parameter.Handle] = p.Name;
        _keptAlive.Add(owner);
    }
}
