namespace LocalHessian.Optim;

public partial class ScaledSGD
{
    /// <summary>Momentum μ. Setting it sets that of every group, and the default of groups that are added later.</summary>
    /// <remarks>One group's own is in its options: <c>((SGD.Options)group.Options).momentum</c>.</remarks>
    /// <value>Not negative, finite; above zero where a group has Nesterov momentum.</value>
    /// <exception cref="ArgumentException">The value is out of range for a group. No group has changed.</exception>
    public double Momentum
    {
        get => _options.momentum!.Value;
        set
        {
            Arguments.ThrowIfNegative(value, nameof(value), "momentum");
            var all = _parameter_groups.Select(OptionsOf).Append(_options).Distinct().ToList();
            if (value == 0 && all.Any(o => o.nesterov == true))
                throw new ArgumentException("Nesterov momentum requires a momentum above zero.", nameof(value));
            foreach (var options in all) options.momentum = value;
        }
    }

    /// <summary>Adds a group of parameters, taking the options it leaves open from the constructor's.</summary>
    /// <remarks>
    /// Beware of TorchSharp's constructor <c>new SGD.ParamGroup(parameters)</c>: it leaves nothing open but sets every
    /// option, the rate to 1e-3 and momentum and decay to zero. What takes the optimizer's options is <c>new SGD.ParamGroup {
    /// Parameters = parameters }</c>.
    /// </remarks>
    /// <param name="param_group">
    /// A <see cref="SGD.ParamGroup"/>, or another whose options are null or <see cref="SGD.Options"/>.
    /// </param>
    /// <exception cref="ArgumentException">
    /// No parameters, a parameter twice, a parameter that is not a dense real floating-point tensor, one that the rule
    /// refuses, or an option out of range. The optimizer is then unchanged.
    /// </exception>
    public override void add_param_group(ParamGroup param_group)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        ArgumentNullException.ThrowIfNull(param_group);
        if (param_group.Parameters is null) throw new ArgumentException("The parameters are null.", nameof(param_group));
        if (_parameter_groups.Contains(param_group))
            throw new ArgumentException("The group is given twice.", nameof(param_group));
        if (param_group.Options is not (null or SGD.Options))
            throw new ArgumentException(
                $"Options of type {typeof(SGD.Options).FullName} are needed, not {param_group.Options.GetType().FullName}.",
                nameof(param_group));

        var (given, parameters) = (param_group.Parameters, param_group.Parameters.ToList());
        var options = (SGD.Options?)param_group.Options ?? new SGD.Options();
        if (parameters.Count == 0) throw new ArgumentException("The group has no parameters.", nameof(param_group));
        ThrowIfUnfit(parameters);
        Arguments.Complete(options, _options);

        var group = param_group as SGD.ParamGroup ?? new SGD.ParamGroup();
        group.Parameters = parameters;
        group.Options = options;
        _keptAlive.Add(given);
        _parameter_groups.Add(group);
        _ranksAgree = false;
        foreach (var parameter in parameters) _state[parameter.Handle] = new SGDState(parameter, this);
        _rule.Added(parameters);
    }

    private protected void AddAll(IEnumerable<SGD.ParamGroup> parameters)
    {
        ArgumentNullException.ThrowIfNull(parameters);
        foreach (var group in parameters) add_param_group(group);
        if (_parameter_groups.Count == 0) throw new ArgumentException("There are no parameter groups.", nameof(parameters));
    }

    private void ThrowIfUnfit(List<Parameter> parameters)
    {
        var device = _parameter_groups.SelectMany(ParametersOf).Concat(parameters).First()?.device;
        var seen = _parameter_groups.SelectMany(ParametersOf).Select(p => p.Handle).ToHashSet();
        foreach (var parameter in parameters)
        {
            if (parameter is null || parameter.IsInvalid)
                throw new ArgumentException("A parameter is null or has been disposed.", nameof(parameters));
            var name = NameOf(parameter);
            if (!parameter.is_floating_point() || parameter.is_sparse)
                throw new ArgumentException(
                    $"The parameter {name} is {parameter.dtype}{(parameter.is_sparse ? ", sparse" : "")}; dense real "
                    + "floating-point ones are needed.",
                    nameof(parameters));
            if (parameter.device_type != device!.type || (device.index >= 0 && parameter.device_index != device.index))
                throw new ArgumentException(
                    $"The parameter {name} is on {parameter.device}, others are on {device}; all must be on one device.",
                    nameof(parameters));
            if (!seen.Add(parameter.Handle))
                throw new ArgumentException($"The parameter {name} is given twice.", nameof(parameters));
            if (_rule.WhyRefused(parameter, name) is { } reason) throw new ArgumentException(reason, nameof(parameters));
        }
    }

    private static IEnumerable<Parameter> ParametersOf(ParamGroup group) => group.Parameters
        ?? throw new InvalidOperationException("The parameters of a group have been set to null.");

    private static SGD.Options OptionsOf(ParamGroup group) => group.Options as SGD.Options
        ?? throw new InvalidOperationException(
            $"The options of a group have been replaced by {group.Options?.GetType().FullName ?? "null"}; SGD's are needed.");

    private SGDState StateOf(Parameter parameter) => _state.TryGetValue(parameter.Handle, out var state)
        ? (SGDState)state
        : throw PutInPast(parameter, "is unknown");

    private InvalidOperationException PutInPast(Parameter parameter, string why) => new(
        $"The parameter {NameOf(parameter)} {why}: it has been put into a group past add_param_group; "
        + "add a group for it instead.");
}
