namespace LocalHessian.Tests.Optim;

/// <summary>LSALR in plain numbers (MATH §5 and §8), with the promises about groups, frozen parameters and state.</summary>
internal sealed class OptimizerModel(OptimizerModel.Options defaults)
{
    public Options Defaults { get; private set; } = defaults;

    public List<(Options Options, List<Weight> Weights)> Groups { get; } = [];

    public void Step()
    {
        foreach (var (options, weights) in Groups)
            foreach (var weight in weights)
                if (!weight.IsFrozen && weight.Gradient is { } gradient) Move(weight, gradient, options);
    }

    public void SetMomentum(double value)
    {
        Defaults = Defaults with { Momentum = value };
        for (var g = 0; g < Groups.Count; g++) Groups[g] = (Groups[g].Options with { Momentum = value }, Groups[g].Weights);
    }

    public Saved Save() =>
        new([.. Groups.Select(g => (g.Options, g.Weights.Select(w => (w, (double[]?)w.Momentum?.Clone())).ToList()))]);

    /// <summary>False where the groups are not those that were saved.</summary>
    public bool TryLoad(Saved saved)
    {
        if (!saved.Groups.Select(g => g.Weights.Select(w => w.Weight)).SelectMany(w => w)
            .SequenceEqual(Groups.SelectMany(g => g.Weights))) return false;
        for (var g = 0; g < Groups.Count; g++)
        {
            Groups[g] = (saved.Groups[g].Options, Groups[g].Weights);
            foreach (var (weight, momentum) in saved.Groups[g].Weights) weight.Momentum = (double[]?)momentum?.Clone();
        }

        return true;
    }

    private static void Move(Weight weight, double[] gradient, Options o)
    {
        var norm = Math.Sqrt(gradient.Sum(g => g * g));
        var multiplier = weight.IsLayer && norm > 0 ? 1 + Math.Log(1 + 1 / norm) : 1;
        var direction = gradient.Zip(weight.Values, (g, w) => multiplier * (g + o.Decay * w)).ToArray();
        if (o.Momentum != 0)
        {
            weight.Momentum = weight.Momentum is { } v ? [.. v.Zip(direction, (a, b) => o.Momentum * a + (1 - o.Dampening) * b)]
                : [.. direction];
            direction = o.Nesterov ? [.. direction.Zip(weight.Momentum, (d, v) => d + o.Momentum * v)] : weight.Momentum;
        }

        for (var i = 0; i < direction.Length; i++) weight.Values[i] += (o.Maximize ? o.Rate : -o.Rate) * direction[i];
    }

    public sealed record Options(double Rate, double Momentum, double Dampening, double Decay, bool Nesterov, bool Maximize);

    public sealed record Saved(List<(Options Options, List<(Weight Weight, double[]? Momentum)> Weights)> Groups);

    public sealed class Weight(double[] values, bool isLayer)
    {
        public double[] Values { get; } = values;
        public bool IsLayer { get; } = isLayer;
        public double[]? Gradient { get; set; }
        public double[]? Momentum { get; set; }
        public bool IsFrozen { get; set; }
    }
}
