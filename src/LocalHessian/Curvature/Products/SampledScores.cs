namespace LocalHessian;

/// <summary>
/// Scores at targets drawn from the model. A sample's random numbers depend on the seed and on its place in the data, not on
/// its batch: they come from one generator in the order of the samples.
/// </summary>
internal sealed class SampledScores(LikelihoodLoss loss, int draws, long seed) : IDisposable
{
    private readonly Generator _generator = new(unchecked((ulong)seed), CPU);

    /// <summary>As many scores of each row of the next batch as there are draws.</summary>
    public Tensor[] Next(Tensor output)
    {
        var each = loss.UniformsPerSample(output);
        var uniforms = rand([output.shape[0], draws, each], ScalarType.Float64, CPU, generator: _generator).to(output.device);
        return [.. Enumerable.Range(0, draws).Select(d => loss.SampledScore(output, uniforms.select(1, d)))];
    }

    public void Dispose() => _generator.Dispose();
}
