namespace LocalHessian;

/// <summary>Which parameters of a network, from names and a predicate.</summary>
internal static class ParameterSelection
{
    /// <summary>In the network's order, each once.</summary>
    public static ParameterLayout Choose(nn.Module network, IReadOnlyCollection<string>? names, Func<string, bool>? where)
    {
        var all = NetworkParts.Parameters(network).ToList();
        if (all.Count == 0) throw new ArgumentException("The network has no parameters.", nameof(network));
        var named = names is null ? null : Named(network, all, names);
        var chosen = all.Where(p => named?.Contains(p.Parameter.Handle) ?? p.Parameter.requires_grad)
            .Where(p => where?.Invoke(p.Name) ?? true).ToList();
        if (chosen.Count == 0)
            throw new ArgumentException(
                $"No parameter is chosen. The network has {Describe.Names(all.Select(p => p.Name))}; by default those are "
                + "chosen that require a gradient.");
        return new ParameterLayout(chosen);
    }

    private static HashSet<IntPtr> Named(
        nn.Module network, List<(string Name, Parameter Parameter)> all, IReadOnlyCollection<string> names)
    {
        // A tied parameter has several names; each of them serves, and two of them are the same parameter twice.
        var own = from module in network.named_modules().Prepend(("", network))
                  from p in module.Item2.named_parameters(false)
                  select (Name: $"{module.Item1}.{p.name}".TrimStart('.'), Parameter: p.parameter);
        var aliases = own.Concat(all).DistinctBy(p => p.Name).ToList();
        var chosen = new Dictionary<IntPtr, string>();
        foreach (var name in names)
        {
            var found = aliases.Where(a => NetworkParts.IsWithin(a.Name, name)).DistinctBy(a => a.Parameter.Handle).ToList();
            if (found.Count == 0)
                throw new ArgumentException(
                    $"The network has no parameter and no module '{name}'; it has {Describe.Names(aliases.Select(a => a.Name))}.",
                    nameof(names));
            foreach (var (alias, parameter) in found)
                if (!chosen.TryAdd(parameter.Handle, name))
                    throw new ArgumentException(
                        $"The parameter '{alias}' is given twice: by '{chosen[parameter.Handle]}' and by '{name}'.",
                        nameof(names));
        }

        return [.. chosen.Keys];
    }
}
