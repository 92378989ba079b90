using LocalHessian.Internal;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace LocalHessian;

/// <summary>Which parameters of a network, from names and a predicate.</summary>
internal static class ParameterSelection
{
    /// <summary>In the network's order, each once.</summary>
    public static ParameterLayout Choose(nn.Module network, IReadOnlyCollection<string>? names, Func<string, bool>? where)
    {
        var all = network.named_parameters().DistinctBy(p => p.parameter.Handle).ToList();
        if (all.Count == 0) throw new ArgumentException("The network has no parameters.", nameof(network));
        var named = names is null ? null : Named(network, all, names);
        var chosen = all.Where(p => named?.Contains(p.parameter.Handle) ?? p.parameter.requires_grad)
            .Where(p => where?.Invoke(p.name) ?? true).ToList();
        if (chosen.Count == 0)
            throw new ArgumentException(
                $"No parameter is chosen. The network has {Describe.Names(all.Select(p => p.name))}; by default those are "
                    + $"chosen that require a gradient.");
        return new ParameterLayout(chosen);
    }

    /// <summary>The name of the layer a parameter belongs to: up to the last dot.</summary>
    public static string Layer(string parameter) => parameter.LastIndexOf('.') is >= 0 and var dot ? parameter[..dot] : "";

    /// <summary>Whether a parameter has that name, or lies in the module of that name.</summary>
    public static bool IsWithin(string parameter, string name) =>
        parameter == name || name.Length == 0 || parameter.StartsWith(name + ".", StringComparison.Ordinal);

    private static HashSet<IntPtr> Named(
        nn.Module network, List<(string name, Parameter parameter)> all, IReadOnlyCollection<string> names)
    {
        // A tied parameter has several names; each of them serves, and two of them are the same parameter twice.
        var aliases = network.named_modules().Prepend(("", network))
            .SelectMany(m => m.Item2.named_parameters(false).Select(p => (Name: m.Item1.Length == 0 ? p.name
                : $"{m.Item1}.{p.name}", p.parameter)))
            .Concat(all.Select(p => (Name: p.name, p.parameter))).DistinctBy(p => p.Name).ToList();
        var chosen = new Dictionary<IntPtr, string>();
        foreach (var name in names)
        {
            var found = aliases.Where(a => IsWithin(a.Name, name)).DistinctBy(a => a.parameter.Handle).ToList();
            if (found.Count == 0)
                throw new ArgumentException($"The network has no parameter and no module '{name}'; it has "
                    + $"{Describe.Names(aliases.Select(a => a.Name))}.", nameof(names));
            foreach (var (alias, parameter) in found)
                if (!chosen.TryAdd(parameter.Handle, name))
                    throw new ArgumentException($"The parameter '{alias}' is given twice: by '{chosen[parameter.Handle]}' "
                        + $"and by '{name}'.", nameof(names));
        }

        return [.. chosen.Keys];
    }
}
