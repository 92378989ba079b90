using System.Globalization;

namespace CurvatureStudy.Drawing;

/// <summary>What is seen, from the numbers of the run: the sentences hold for whatever data.</summary>
internal static class Words
{
    private static readonly CultureInfo Culture = CultureInfo.InvariantCulture;

    public static string Loss(IReadOnlyList<Run> runs) => Each(runs, r => string.Create(
        Culture,
        $"{r.Name} at rate {r.Rate} goes from {r.Readings[0].Loss:0.00} to {r.Readings[^1].Loss:0.00}, with "
        + $"{r.Readings[^1].Accuracy:P0} of the images classified rightly."));

    public static string Sharpness(IReadOnlyList<Run> runs) => Each(runs, r => Amended(r, string.Create(
        Culture,
        $"{r.Name}: the largest eigenvalue goes from {r.Readings[0].Sharpness:0.0} to {r.Readings[^1].Sharpness:0.0}, at "
        + $"most {r.Readings.Max(x => x.Sharpness):0.0}; gradient descent on a quadratic is stable below {2 / r.Rate:0}.")));

    public static string Trace(IReadOnlyList<Run> runs) => Each(runs, r => string.Create(
        Culture,
        $"{r.Name}: from {r.Readings[0].Trace:0} ± {r.Readings[0].TraceError:0} to {r.Readings[^1].Trace:0} ± "
        + $"{r.Readings[^1].TraceError:0} (Hutchinson, 10 vectors)."));

    public static string Share(IReadOnlyList<Run> runs) =>
        "Eigenvectors of as many largest eigenvalues as there are classes, ten at most, hold this part of the squared "
        + "gradient. " + Each(runs, r => string.Create(
            Culture,
            $"{r.Name}: {r.Readings[0].Share:P0} at the start, {r.Readings[^1].Share:P0} at the end, "
            + $"{r.Readings.Average(x => x.Share):P0} on average."));

    public static string Density(IReadOnlyList<Run> runs) =>
        "Stochastic Lanczos quadrature, smoothed. Nearly all eigenvalues lie about zero, and a few outliers stand apart. "
        + Each(runs, r => string.Create(
            Culture,
            $"{r.Name}: from [{r.Densities[0].Nodes[0]:0.0}, {r.Densities[0].Nodes[^1]:0.0}] at the start to "
            + $"[{r.Densities[^1].Nodes[0]:0.0}, {r.Densities[^1].Nodes[^1]:0.0}] at the end."));

    public static string Layers(IReadOnlyList<Run> runs)
    {
        var layers = runs[^1].Layers.Select(l =>
            string.Create(Culture, $"{l.Layer} {l.MeanEigenvalue:G3} ± {l.Error:G2} and {l.Scale:G3}"));
        return "After scale-amended SGD: the mean eigenvalue (trace over dimension) of each layer's Gauss-Newton block, and the "
            + $"scale that Algorithm 2 divides its gradient by, each over its geometric mean. {string.Join(", ", layers)}.";
    }

    public static string Surface(IReadOnlyList<Run> runs, IReadOnlyList<double[,]> surfaces)
    {
        var levels = runs.Zip(surfaces, (r, s) => string.Create(
            Culture,
            $"{r.Name}: {s[s.GetLength(0) / 2, s.GetLength(1) / 2]:0.00} in the middle, {s.Cast<double>().Min():0.00} the "
            + $"lowest, {s.Cast<double>().Max():0.0} the highest."));
        return "Two random directions, each filter of them as long as the weights' own (Li et al. 2018); the weights are in "
            + $"the middle, and 1 is a step as long as each filter. {string.Join(" ", levels)}";
    }

    private static string Amended(Run run, string plain)
    {
        var amended = run.Readings.Select(r => r.Amended).OfType<double>().ToList();
        return amended.Count == 0 ? plain : plain + string.Create(
            Culture,
            $" With the multipliers a of its last step, the eigenvalue of √a H √a goes from {amended[0]:0.0} to "
            + $"{amended[^1]:0.0}, at most {amended.Max():0.0}: that is what its rate is to be compared with.");
    }

    private static string Each(IReadOnlyList<Run> runs, Func<Run, string> words) => string.Join(" ", runs.Select(words));
}
