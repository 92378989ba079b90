namespace LocalHessian.Spectra;

/// <summary>
/// An approximate eigenpair as the recurrence sees it: value, estimated residual, and the vector's coefficients in a block.
/// </summary>
internal sealed record RitzPair(double Value, double Residual, LanczosBlock Block, double[] Coefficients)
{
    /// <summary>All pairs of a block, ascending.</summary>
    public static List<RitzPair> Of(LanczosBlock block)
    {
        var (values, vectors) = block.Solve();
        var n = values.Length;
        var pairs = new List<RitzPair>(n);
        for (var i = 0; i < n; i++)
        {
            var coefficients = new double[n];
            for (var j = 0; j < n; j++) coefficients[j] = vectors[j, i];
            pairs.Add(new RitzPair(values[i], block.Beta * Math.Abs(coefficients[^1]), block, coefficients));
        }
        return pairs;
    }
}
