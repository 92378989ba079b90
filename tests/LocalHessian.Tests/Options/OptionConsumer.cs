namespace LocalHessian.Tests.Options;

/// <summary>
/// A function from options to what it gives, as text, with its usual options and a change of each option that must show.
/// </summary>
public sealed record OptionConsumer(string Name, Type Options, Func<object, string> Run, object Usual,
    IReadOnlyDictionary<string, Func<object, object>> Changes)
{
    public static OptionConsumer Of<T>(string name, Func<T, string> run, T usual, params (string Option, Func<T,
        T> Change)[] changes)
        where T : notnull =>
        new(name, typeof(T), o => run((T)o), usual,
            changes.ToDictionary(c => c.Option, c => (Func<object, object>)(o => c.Change((T)o))));

    public override string ToString() => Name;
}
