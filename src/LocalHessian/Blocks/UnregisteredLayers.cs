using System.Collections;
using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using System.Runtime.CompilerServices;

namespace LocalHessian.Blocks;

/// <summary>
/// Layers and parameters that a module holds in a field, an array, a collection or a closure without having registered them:
/// nothing trains, saves or moves them. Those that take part in a pass are refused.
/// </summary>
internal static class UnregisteredLayers
{
    private const int Depth = 6;

    /// <exception cref="ArgumentException">
    /// A trainable parameter takes part in the pass that the network does not know.
    /// </exception>
    public static void ThrowIfUsed(nn.Module network, SegmentedPass pass)
    {
        var known = network.parameters().Select(p => p.Handle).ToHashSet();
        var hidden = Held(network)
            .Where(h => h.Parameter is { IsInvalid: false, requires_grad: true } && !known.Contains(h.Parameter.Handle))
            .DistinctBy(h => h.Parameter.Handle).ToList();
        if (hidden.Count == 0) return;
        List<Tensor> leaves = [.. hidden.Select(h => h.Parameter)];
        var used = new HashSet<string>();
        foreach (var segment in pass.Segments)
        {
            var reached = Autograd.Reaches(segment.Output, leaves);
            used.UnionWith(hidden.Where((_, i) => reached[i]).Select(h => h.Place));
        }

        if (used.Count > 0)
            throw new ArgumentException(
                $"A layer takes part in the forward pass that is not registered: {Describe.Names(used)}. Its parameters are "
                + "neither trained nor saved nor moved. Register it (register_module, or RegisterComponents() after the field "
                + "is set; a ModuleList in place of an array), or freeze it.", nameof(network));
    }

    private static List<(string Place, Parameter Parameter)> Held(nn.Module network)
    {
        var registered = NetworkParts.Modules(network).Select(m => m.Module).ToHashSet();
        var seen = new HashSet<object>(ReferenceEqualityComparer.Instance);
        return registered.Where(IsUsers).SelectMany(m => Fields(m, m.GetType().Name, Depth, registered, seen)).ToList();
    }

    private static IEnumerable<(string, Parameter)> Search(object? value, string place, int depth, HashSet<nn.Module> registered,
        HashSet<object> seen)
    {
        if (value is null or string or Tensor and not Parameter || value.GetType().IsPrimitive || depth == 0 || !seen.Add(value))
            return [];
        return value switch
        {
            Parameter parameter => [(place, parameter)],
            nn.Module module when registered.Contains(module) => [],
            nn.Module module => module.parameters().Select(p => (place, p)),
            Delegate function => Search(function.Target, place, depth, registered, seen),
            ITuple tuple => Enumerable.Range(0, tuple.Length)
                .SelectMany(i => Search(tuple[i], $"{place}.Item{i + 1}", depth - 1, registered, seen)),
            IDictionary dictionary =>
                dictionary.Values.Cast<object?>().SelectMany(v => Search(v, $"{place}[…]", depth - 1, registered, seen)),
            ICollection collection => collection.Cast<object?>().Take(10000)
                .SelectMany((v, i) => Search(v, $"{place}[{i}]", depth - 1, registered, seen)),
            _ when IsUsers(value) => Fields(value, place, depth - 1, registered, seen),
            _ => [],
        };
    }

    [UnconditionalSuppressMessage("Trimming", "IL2070",
        Justification = "A field that trimming removes is one that no code reads.")]
    [UnconditionalSuppressMessage("Trimming", "IL2075",
        Justification = "A field that trimming removes is one that no code reads.")]
    private static IEnumerable<(string, Parameter)> Fields(object owner, string place, int depth, HashSet<nn.Module> registered,
        HashSet<object> seen)
    {
        for (var type = owner.GetType(); type is not null && IsUsers(type); type = type.BaseType)
            foreach (var field in type.GetFields(
                BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly))
                if (!field.FieldType.IsPrimitive && !field.FieldType.IsPointer && !field.FieldType.IsByRefLike)
                    foreach (var found in Search(field.GetValue(owner), $"{place}.{Name(field)}", depth, registered, seen))
                        yield return found;
    }

    private static string Name(FieldInfo field) =>
        field.Name is ['<', .. var rest] && rest.IndexOf('>') is var end and > 0 ? rest[..end] : field.Name;

    private static bool IsUsers(object value) => IsUsers(value.GetType());

    private static bool IsUsers(Type type) =>
        type.Assembly != typeof(TorchSharp.torch).Assembly && type.Assembly != typeof(object).Assembly
        && type.Namespace?.StartsWith("System", StringComparison.Ordinal) != true;
}
