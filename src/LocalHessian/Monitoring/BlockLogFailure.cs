using System.Globalization;

namespace LocalHessian.Monitoring;

/// <summary>The error of a log that cannot write: which readings are missing, and where training stands.</summary>
internal static class BlockLogFailure
{
    public static IOException Of(IReadOnlyList<BlockReading> readings, string path, Exception cause) =>
        new(string.Create(CultureInfo.InvariantCulture,
        $"The readings of step {readings[0].Step} could not be added to '{path}', but the optimizer has taken the step. "
        + $"{cause.Message} ({nameof(TolerantBlockLog)} lets training go on.)"), cause);
}
