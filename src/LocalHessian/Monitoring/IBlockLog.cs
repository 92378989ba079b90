namespace LocalHessian.Monitoring;

/// <summary>Where readings go.</summary>
public interface IBlockLog
{
    /// <summary>
    /// Takes the readings of one step, in the order in which the blocks run. The optimizer has taken the step: an exception
    /// leaves the monitor's <c>Step</c> after it, and calling that again would take another. <see cref="TolerantBlockLog"/>
    /// keeps failures from it.
    /// </summary>
    /// <param name="readings">One a block.</param>
    /// <exception cref="IOException">They cannot be written; the message says which, and where to.</exception>
    void Write(IReadOnlyList<BlockReading> readings);
}
