namespace LocalHessian.Blocks;

/// <summary>Modules with which a block may begin.</summary>
internal static class BlockCandidates
{
    /// <summary>Modules picked by their own name or by that of their type.</summary>
    /// <exception cref="ArgumentException">
    /// An unknown name, a module that does not map one tensor to one tensor, nested modules.
    /// </exception>
    public static HashSet<nn.Module> Named(nn.Module network, IReadOnlyList<string> names)
    {
        if (names.Count == 0) throw new ArgumentException("No block is named.", nameof(names));
        var all = network.named_modules().ToList();
        var named = new HashSet<nn.Module>();
        foreach (var name in names)
        {
            var matches = all.Where(m => m.name == name || m.module.GetType().Name == name).Select(m => m.module).ToList();
            if (matches.Count == 0)
                throw new ArgumentException(
                    $"The network has no module '{name}' and no type of module of that name.", nameof(names));
            foreach (var module in matches)
            {
                if (module is not nn.Module<Tensor, Tensor>)
                    throw new ArgumentException(
                        $"'{name}' does not map one tensor to one tensor, so it cannot be a block by itself: name the module "
                        + "around it.", nameof(names));
                named.Add(module);
            }
        }

        string NameOf(nn.Module module) => all.First(m => m.module == module).name;
        foreach (var module in named)
            if (module.modules().FirstOrDefault(inner => inner != module && named.Contains(inner)) is { } inner)
                throw new ArgumentException(
                    $"Block '{NameOf(module)}' contains block '{NameOf(inner)}': blocks cannot be nested.", nameof(names));
        return named;
    }

    /// <summary>
    /// The named modules, and every other module with weights that maps one tensor to one tensor and is in none of them;
    /// containers and what they contain alike. A normalisation, or a gain of one dimension, begins no block.
    /// </summary>
    public static List<NamedModule> In(nn.Module network, HashSet<nn.Module> named)
    {
        var inside = named.SelectMany(m => m.modules().Where(inner => inner != m)).ToHashSet();
        return NetworkParts.Modules(network)
            .Where(m => named.Contains(m.Module) || (!inside.Contains(m.Module) && IsCandidate(m.Module, m.Module == network)))
            .Select(m => new NamedModule(m.Name, (nn.Module<Tensor, Tensor>)m.Module)).ToList();
    }

    private static bool IsCandidate(nn.Module module, bool isNetwork) =>
        module is nn.Module<Tensor, Tensor> and not (NormBase or LayerNorm or GroupNorm)
        && !(isNetwork && module.children().Any())
        && module.parameters().Any(p => p.dim() > 1);
}
