using LocalHessian.Parallel;

namespace LocalHessian.Optim;

public partial class ScaledSGD
{
    private bool _ranksAgree;

    /// <summary>The ranks that train this network together; null, the default, for none.</summary>
    /// <remarks>
    /// <para>
    /// Steps are then collective: all ranks take them together, each after a backward pass on its own rows. A step first replaces
    /// the gradients by their means over all ranks' samples (<see cref="GradientAverage"/>), and what has been measured of scales
    /// likewise; so all ranks come to the same multipliers, the same errors and, from equal weights, to the same bits. Give all
    /// ranks the same weights first.
    /// </para>
    /// <para>
    /// For closed-form scales, LARS and LSALR the steps are those of one rank with the whole batch, to round-off. Measured scales
    /// are means of what each rank has measured on its own rows with random vectors of its own: estimates of the same, not the
    /// same numbers.
    /// </para>
    /// <para>Not part of the saved state, which is the same on every rank and for any number of them.</para>
    /// </remarks>
    public IRanks? Ranks
    {
        get => _rule.Ranks;
        set => (_rule.Ranks, _ranksAgree) = (value, false);
    }

    /// <summary>
    /// How many samples this rank's gradients are the mean of: their weight among those of the ranks. Without ranks it has no
    /// effect.
    /// </summary>
    /// <value>
    /// Not negative, finite; the default is 1, right where all ranks have equally many. With 0 this rank's gradients count for
    /// nothing, and it takes part in the step. It holds until it is set again.
    /// </value>
    /// <exception cref="ArgumentOutOfRangeException">Negative or not finite.</exception>
    public double RankSamples
    {
        get => _rule.RankSamples;
        set
        {
            Parallel.Ranks.ThrowUnlessSamples(value);
            _rule.RankSamples = value;
        }
    }

    private void AverageOverRanks()
    {
        if (Ranks is not { } ranks) return;
        var parameters = new List<Parameter>();
        foreach (var parameter in _parameter_groups.SelectMany(ParametersOf))
        {
            ThrowIfMoved(parameter);
            if (parameter.grad is { } gradient && !GradientCheck.Fits(parameter, gradient, null))
                throw GradientCheck.Misfit(NameOf(parameter), parameter, gradient, null);
            parameters.Add(parameter);
        }

        if (!_ranksAgree)
            ranks.ThrowUnlessAlike(
                "parameters", [.. parameters.Select(p => $"{NameOf(p)} of shape {Describe.Shape(p)} in {p.dtype}")]);
        _ranksAgree = true;
        ranks.AverageGradients(parameters, RankSamples);
    }
}
