namespace LocalHessian.Internal;

/// <summary>A network's modules and parameters, each once, and their dotted names.</summary>
internal static class NetworkParts
{
    /// <summary>All modules in the order of registration, the network itself first, with an empty name.</summary>
    public static IEnumerable<(string Name, nn.Module Module)> Modules(nn.Module network) =>
        network.named_modules().Prepend(("", network)).DistinctBy(m => m.Item2);

    /// <summary>All parameters in the order of registration; a tied one under its first name.</summary>
    public static IEnumerable<(string Name, Parameter Parameter)> Parameters(nn.Module network) =>
        network.named_parameters().DistinctBy(p => p.parameter.Handle);

    /// <summary>The name of the module that owns a parameter of this name.</summary>
    public static string ModuleOf(string parameter) => parameter.LastIndexOf('.') is > 0 and var dot ? parameter[..dot] : "";

    /// <summary>Whether a parameter has that name, or lies in the module of that name.</summary>
    public static bool IsWithin(string parameter, string name) =>
        parameter == name || name.Length == 0 || parameter.StartsWith(name + ".", StringComparison.Ordinal);
}
