namespace LocalHessian.Benchmarks.Quick;

/// <summary>One measured number, what it is compared with and the limit it should keep.</summary>
/// <param name="Key">Its name in the JSON line.</param>
/// <param name="What">What was measured.</param>
/// <param name="Against">What it is a ratio to, or its unit.</param>
/// <param name="Limit">The largest value that is good enough; the smallest if <paramref name="AtLeast"/>.</param>
/// <param name="Measure">Takes the measurement; NaN where this system cannot.</param>
/// <param name="AtLeast">Whether more is better.</param>
internal sealed record Row(string Key, string What, string Against, double Limit, Func<double> Measure, bool AtLeast = false)
{
    public bool Keeps(double value) => AtLeast ? value >= Limit : value <= Limit;
}
