namespace LocalHessian;

/// <summary>The network evaluated on the data, batch after batch; a single batch is recorded once and kept.</summary>
internal sealed class RecordedData(
    NetworkForward forward, CurvatureLoss loss, DataPass data, ParameterLayout theta, CurvatureOptions options) : IDisposable
{
    private BatchRecord? _kept;
    private bool _disposed;

    public nn.Module Network => forward.Network;

    public CurvatureLoss Loss => loss;

    public ParameterLayout Theta => theta;

    /// <summary>What a sum over so many samples is multiplied by.</summary>
    public double Weight(long samples) => options.Reduction == CurvatureReduction.Mean ? 1.0 / samples : 1;

    /// <summary>
    /// Hands over each batch's record, which is disposed before the next one unless it is kept. Returns the number of samples.
    /// </summary>
    public long ForEach(Action<BatchRecord> use, CancellationToken cancellation)
    {
        ObjectDisposedException.ThrowIf(_disposed, typeof(NetworkCurvature));
        data.ThrowUnlessRepeatable(cancellation);
        if (_kept is null && data.IsOneBatch)
            data.ForEach((batch, index) => (_kept = Record(batch, index)).IsKept = true, cancellation);
        if (_kept is not null)
        {
            use(_kept);
            return _kept.Samples;
        }

        long samples = 0;
        data.ForEach(
            (batch, index) =>
            {
                using var record = Record(batch, index);
                use(record);
                samples += record.Samples;
            },
            cancellation);
        data.Counted(samples);
        return samples;
    }

    /// <summary>
    /// Hands over each batch without evaluating the network, with its seed and the fraction of the pass so far, for passes that
    /// record in a way of their own.
    /// </summary>
    public void ForEachBatch(Action<CurvatureBatch, long, double> use, CancellationToken cancellation)
    {
        ObjectDisposedException.ThrowIf(_disposed, typeof(NetworkCurvature));
        data.ThrowUnlessRepeatable(cancellation);
        data.ForEach((batch, index) => use(batch, options.Seed + index, (double)index / (data.Count ?? index + 1)), cancellation);
    }

    /// <summary>
    /// The network's output for a batch, with a graph. Statistics, flags and the CPU's random state are left as before; random
    /// layers draw under the seed.
    /// </summary>
    /// <param name="batch">The batch.</param>
    /// <param name="seed">The seed.</param>
    /// <param name="chosen">The parameters that take part in the graph.</param>
    public Tensor Evaluate(CurvatureBatch batch, long seed, IEnumerable<Tensor> chosen)
    {
        using var others = RequiresGradScope.Without(Network, chosen);
        using var snapshot = new NetworkSnapshot(Network);
        using var held = new HeldStatistics(Network);
        using var recording = new RecordingScope();
        using var norms = new TrainingNorms(Network);
        using var seeded = new SeededScope(seed, Network.parameters().First().device);
        // Copies, because a network may work in place on its input; contiguous, because libtorch's second derivatives of
        // convolutions take twice the time on channels that lie last.
        var output = forward.Run([.. batch.Inputs.Select(i => i.is_contiguous() ? i.detach().clone() : i.detach().contiguous())]);
        if (output.dim() == 0 || output.shape[0] == 0)
            throw new ArgumentException($"The network's output has shape {Describe.Shape(output)}; its rows are the samples, "
                + "and there must be one at least.");
        if (!Finite.Is(output))
            throw new ArgumentException(
                "The network's output has an entry that is NaN or infinite; look at its weights and the data.");
        loss.ThrowUnlessFitting(output, batch.Target);
        return output;
    }

    /// <summary>The same data and network, other parameters.</summary>
    public RecordedData With(ParameterLayout other) => new(forward, loss, data, other, options);

    public void Dispose()
    {
        _disposed = true;
        _kept?.Dispose();
    }

    private BatchRecord Record(CurvatureBatch batch, int index) => BatchRecord.Of(this, batch, options.Seed + index);
}
