namespace LocalHessian.Blocks;

/// <summary>A network's parameters, each once, and those among them that names pick.</summary>
internal sealed class ParameterNames
{
    public ParameterNames(nn.Module network)
    {
        All = NetworkParts.Parameters(network).Select(p => new NamedParameter(p.Name, p.Parameter)).ToList();
        if (All.Count == 0)
            throw new NotAChainException("The network has no parameters: no linear layer and no convolution, and nothing else "
                + "to examine or to scale.");
    }

    public IReadOnlyList<NamedParameter> All { get; }

    /// <summary>The parameters of these names, and those of modules of these names.</summary>
    public List<NamedParameter> Picked(IReadOnlyList<string> names)
    {
        foreach (var name in names)
            if (name.Length == 0 || !All.Any(p => NetworkParts.IsWithin(p.Name, name)))
                throw new ArgumentException(
                    $"The network has no parameter or module with parameters named '{name}'.", nameof(names));
        return All.Where(p => names.Any(n => NetworkParts.IsWithin(p.Name, n))).ToList();
    }

    /// <summary>Refuses trainable parameters that no scale can be measured of.</summary>
    public static void ThrowUnlessMeasurable(IEnumerable<NamedParameter> parameters)
    {
        var refused = parameters.Where(p =>
            p.Parameter.requires_grad && (!p.Parameter.is_floating_point() || p.Parameter.is_sparse))
            .Select(p => p.Name).ToList();
        if (refused.Count > 0)
            throw new ArgumentException(
                $"The trainable parameter {Describe.Names(refused)} is not a dense real floating-point tensor, for which alone "
                + "scales can be measured. Freeze it (requires_grad = false), or optimise it by itself.");
    }
}
