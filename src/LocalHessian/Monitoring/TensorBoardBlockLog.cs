using TorchSharp.Modules;

namespace LocalHessian.Monitoring;

/// <summary>Readings as TensorBoard scalars, <c>quantity/block</c>.</summary>
public sealed class TensorBoardBlockLog : IBlockLog
{
    private readonly SummaryWriter _writer;

    /// <summary>Writes through a writer, which stays the caller's.</summary>
    /// <param name="writer">E.g. <c>torch.utils.tensorboard.SummaryWriter("runs")</c>.</param>
    public TensorBoardBlockLog(SummaryWriter writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        _writer = writer;
    }

    /// <inheritdoc/>
    public void Write(IReadOnlyList<BlockReading> readings)
    {
        ArgumentNullException.ThrowIfNull(readings);
        foreach (var r in readings)
        {
            Add("closed scale", r, r.ClosedScale);
            Add("measured scale", r, r.MeasuredScale);
            Add("closed input scale", r, r.ClosedInputScale);
            Add("measured input scale", r, r.MeasuredInputScale);
            Add("multiplier", r, r.Multiplier);
            Add("weight norm", r, r.WeightNorm);
            Add("gradient norm", r, r.GradientNorm);
            Add("top eigenvalue", r, r.TopEigenvalue);
            Add("condition number", r, r.ConditionNumber);
            Add("loss removed", r, r.LossRemoved);
        }
    }

    private void Add(string quantity, BlockReading reading, double value)
    {
        if (!double.IsNaN(value)) _writer.add_scalar($"{quantity}/{reading.Block}", (float)value, (int)reading.Step);
    }
}
