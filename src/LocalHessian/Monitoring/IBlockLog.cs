namespace LocalHessian.Monitoring;

/// <summary>Where readings go.</summary>
public interface IBlockLog
{
    /// <summary>Takes the readings of one step, in the order in which the blocks run.</summary>
    /// <param name="readings">One a block.</param>
    void Write(IReadOnlyList<BlockReading> readings);
}
