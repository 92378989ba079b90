namespace VggCifar.Commands;

/// <summary>
/// Values of an option for each optimizer: <c>0.1</c> for all, <c>0.05,0.1</c> for all and both, <c>sgd=0.01,0.02</c> for
/// one. What is given for one goes before what is given for all.
/// </summary>
internal sealed class PerOptimizer<T>
{
    private readonly Dictionary<string, List<T>> _values = [];
    private const string Everyone = "";

    public PerOptimizer(string option, IEnumerable<string> texts, IReadOnlyList<string> optimizers, Func<string, T> read)
    {
        foreach (var text in texts)
        {
            var parts = text.Split('=', 2);
            var name = parts.Length == 2 ? parts[0].Trim().ToLowerInvariant() : Everyone;
            if (name != Everyone && !optimizers.Contains(name))
                throw new UserError(
                    $"{option}: '{text}' names '{parts[0]}', which is not among the optimizers "
                    + $"{string.Join(", ", optimizers)}.");
            var values = parts[^1].Split(',', StringSplitOptions.TrimEntries).Select(read);
            if (!_values.TryGetValue(name, out var list))
                _values[name] = list = [];
            list.AddRange(values.Where(value => !list.Contains(value)));
        }
    }

    /// <summary>The values for one optimizer; <paramref name="otherwise"/> when none were given.</summary>
    public IReadOnlyList<T> For(string optimizer, IReadOnlyList<T> otherwise) =>
        _values.TryGetValue(optimizer, out var own) ? own : _values.TryGetValue(Everyone, out var all) ? all : otherwise;
}
