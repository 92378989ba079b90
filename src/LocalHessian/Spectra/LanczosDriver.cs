namespace LocalHessian.Spectra;

/// <summary>Runs the recurrence from a start vector until a rule is met, the room is used up or the space is complete.</summary>
internal static class LanczosDriver
{
    private const int CheckEvery = 5;

    /// <param name="process">The recurrence; the first block starts here.</param>
    /// <param name="start">The start vector.</param>
    /// <param name="met">
    /// Asked after every fifth product and when a block is complete (its argument is then false); null for never.
    /// </param>
    /// <param name="restart">A vector to go on from when a block is complete; null to end there.</param>
    /// <param name="progress">Told before each product; the room stands for the whole.</param>
    /// <returns>False where the start vector is zero.</returns>
    public static bool Run(LanczosProcess process, Tensor start, Func<bool, bool>? met, Func<Tensor>? restart, Progress progress)
    {
        if (!process.Begin(start)) return false;
        while (true)
        {
            progress.At((double)process.Count / process.Capacity);
            var open = process.Step(progress.Cancellation);
            if (met is not null && (!open || process.Count % CheckEvery == 0) && met(open)) break;
            if (!open && (restart is null || !process.Begin(restart()))) break;
        }

        progress.At(1);
        return true;
    }
}
