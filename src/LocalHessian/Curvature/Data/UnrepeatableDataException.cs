namespace LocalHessian;

/// <summary>
/// The data were not the same when they were enumerated again: shuffled, augmented, or used up. A product over such data would
/// belong to another matrix each time.
/// </summary>
public sealed class UnrepeatableDataException : InvalidOperationException
{
    internal UnrepeatableDataException(string reason)
        : base($"{reason} Give the data in one order and without random augmentation; CurvatureOptions.CheckData = false "
            + "lifts the check.")
    {
    }
}
