namespace LocalHessian.Optim;

/// <summary>
/// The groups' options when <c>state_dict()</c> was last called. TorchSharp's own reader asks for the dictionary, then sets
/// the options, and only then comes to the state, where damage is found out: so they can be put back.
/// </summary>
internal sealed class OptionsBackup(IEnumerable<ParamGroup> groups)
{
    private readonly List<(ParamGroup Group, SGD.Options Options)> _all = [.. groups.Select(g => (g, CopyOf(g.Options)))];

    public void Restore()
    {
        foreach (var (group, options) in _all) group.Options.LoadStateDict(options);
    }

    private static SGD.Options CopyOf(OptimizerOptions options)
    {
        var copy = new SGD.Options();
        copy.LoadStateDict(options);
        return copy;
    }
}
