namespace LocalHessian.Spectra;

/// <summary>
/// The Marchenko-Pastur law: the limiting eigenvalue distribution of <c>WᵀW</c> for an <c>n × m</c> matrix W (n outputs, m
/// inputs) of independent entries, with <c>c = n/m</c>; what <c>H_z</c> of a linear block looks like at initialisation.
/// </summary>
/// <remarks>
/// <para>Eqs. (10) and (11): with entries of variance <c>σ²/n</c> (or <c>WᵀW/n</c> with entries of variance <c>σ²</c>; the
/// paper leaves this normalisation out, MATH §3) the support is <c>[c₋, c₊] = σ²(1 ∓ √c)²/c</c>, the density on it
/// <c>c/(2πσ²)·√((c₊ − λ)(λ − c₋))/λ</c>, and when <c>c &lt; 1</c> an atom of <c>1 − c</c> sits at zero. The mean is σ².</para>
/// <para>Eq. (19) is the same law at <c>σ² = c</c>: rows of unit norm have entries of variance <c>1/m = c/n</c>.</para>
/// <para>Immutable and thread-safe. V. A. Marčenko and L. A. Pastur 1967.</para>
/// </remarks>
public sealed class MarchenkoPastur
{
    private readonly double _scale, _meanOfEdges, _productOfEdges;

    /// <summary>Eqs. (10) and (11).</summary>
    /// <param name="ratio"><c>c = n/m</c>, outputs over inputs; above zero.</param>
    /// <param name="variance"><c>σ²</c>: n times the variance of an entry of W; above zero.</param>
    /// <exception cref="ArgumentOutOfRangeException">An argument is not a finite number above zero.</exception>
    public MarchenkoPastur(double ratio, double variance = 1)
    {
        Finite.ThrowUnlessPositive(ratio, "The ratio", nameof(ratio));
        Finite.ThrowUnlessPositive(variance, "The variance", nameof(variance));
        (Ratio, Variance) = (ratio, variance);
        var root = Math.Sqrt(ratio);
        LowerEdge = variance * (1 - root) * (1 - root) / ratio;
        UpperEdge = variance * (1 + root) * (1 + root) / ratio;
        Atom = Math.Max(0, 1 - ratio);
        _scale = ratio / (2 * Math.PI * variance);
        _meanOfEdges = variance * (1 + ratio) / ratio;
        _productOfEdges = variance * Math.Abs(1 - ratio) / ratio;
    }

    /// <summary>The law of <c>WᵀW</c> itself, for a layer with entries of the given variance: <c>σ² = n·variance</c>.</summary>
    /// <param name="outputs">n, at least one.</param>
    /// <param name="inputs">m, at least one.</param>
    /// <param name="entryVariance">The variance of an entry of W, above zero.</param>
    /// <exception cref="ArgumentOutOfRangeException">An argument is out of its range.</exception>
    public static MarchenkoPastur OfWeights(long outputs, long inputs, double entryVariance)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(outputs, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(inputs, 1);
        Finite.ThrowUnlessPositive(entryVariance, "The variance of an entry", nameof(entryVariance));
        return new MarchenkoPastur((double)outputs / inputs, outputs * entryVariance);
    }

    /// <summary>
    /// Eq. (19): the law after batch normalisation, where every row counts with unit norm; the scale of the weights has no
    /// part in it (Remark 2). Support <c>(1 ∓ √c)²</c>, density <c>√((c₊ − λ)(λ − c₋))/(2πλ)</c>, the same atom, mean c.
    /// </summary>
    /// <param name="ratio"><c>c = n/m</c>; above zero.</param>
    /// <exception cref="ArgumentOutOfRangeException">The ratio is not a finite number above zero.</exception>
    public static MarchenkoPastur AfterBatchNorm(double ratio) => new(ratio, ratio);

    /// <summary><c>c</c>, outputs over inputs.</summary>
    public double Ratio { get; }

    /// <summary><c>σ²</c>, which is the mean of the law.</summary>
    public double Variance { get; }

    /// <summary><c>c₋</c>, where the continuous part begins.</summary>
    public double LowerEdge { get; }

    /// <summary><c>c₊</c>, where it ends.</summary>
    public double UpperEdge { get; }

    /// <summary>The share of zero eigenvalues, <c>max(0, 1 − c)</c>.</summary>
    public double Atom { get; }

    /// <summary>The density of the continuous part, which integrates to <c>1 − Atom</c>; the atom is not in it.</summary>
    /// <returns>Zero outside the support; at zero for <c>c = 1</c> the density is infinite; NaN of NaN.</returns>
    public double Density(double value)
    {
        if (double.IsNaN(value)) return value;
        if (!(value >= LowerEdge && value <= UpperEdge)) return 0;
        return value == 0
            ? double.PositiveInfinity
            : _scale * Math.Sqrt((UpperEdge - value) * (value - LowerEdge)) / value;
    }

    /// <summary>The share of eigenvalues at or below a value, atom included, in closed form; NaN of NaN.</summary>
    public double Distribution(double value)
    {
        if (double.IsNaN(value)) return value;
        if (value < 0) return 0;
        if (value <= LowerEdge) return Atom;
        if (value >= UpperEdge) return 1;
        // ∫√((b−t)(t−a))/t dt with both arcs as arctangents of square roots, which lose nothing at the edges.
        var (above, below) = (value - LowerEdge, UpperEdge - value);
        var arc = Math.Atan2(Math.Sqrt(above), Math.Sqrt(below));
        var inverseArc = Math.Atan2(Math.Sqrt(UpperEdge * above), Math.Sqrt(LowerEdge * below));
        return Atom + _scale * (Math.Sqrt(above * below) + 2 * (_meanOfEdges * arc - _productOfEdges * inverseArc));
    }

    /// <summary>The smallest value whose <see cref="Distribution"/> reaches a probability, by bisection to round-off.</summary>
    /// <param name="probability">From 0 to 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">Outside of [0, 1].</exception>
    public double Quantile(double probability)
    {
        if (!(probability >= 0 && probability <= 1))
            throw new ArgumentOutOfRangeException(nameof(probability), probability, "A probability lies in [0, 1].");
        if (probability <= Atom) return Atom > 0 ? 0 : LowerEdge;
        var (low, high) = (LowerEdge, UpperEdge);
        for (var i = 0; i < 100 && low < high; i++)
        {
            var middle = low + (high - low) / 2;
            if (Distribution(middle) < probability) low = middle; else high = middle;
        }
        return high;
    }

    /// <summary>The integral of <see cref="Distribution"/> from zero, in closed form.</summary>
    internal double IntegralOfDistribution(double value)
    {
        if (value <= 0) return 0;
        var inside = Math.Clamp(value, LowerEdge, UpperEdge);
        var width = UpperEdge - LowerEdge;
        var arc = Math.Atan2(Math.Sqrt(inside - LowerEdge), Math.Sqrt(UpperEdge - inside));
        // By parts: xF(x) − ∫t dF(t), and t cancels the density's 1/t.
        var firstMoment = _scale * width * width / 4 * (arc - Math.Sin(4 * arc) / 4);
        return value * Distribution(value) - firstMoment;
    }
}
