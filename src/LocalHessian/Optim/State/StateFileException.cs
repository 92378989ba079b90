namespace LocalHessian.Optim;

/// <summary>
/// A file or stream does not hold state for this optimizer: it is damaged, of another optimizer or architecture, or of a newer
/// format. The message says which, and what was found and expected. The optimizer is as before.
/// </summary>
public sealed class StateFileException : InvalidOperationException
{
    /// <summary>Creates the exception with a default message.</summary>
    public StateFileException() : base("The file holds no state for this optimizer.") { }

    /// <summary>Creates the exception.</summary>
    /// <param name="message">What was found and what was expected.</param>
    public StateFileException(string message) : base(message) { }

    /// <summary>Creates the exception.</summary>
    /// <param name="message">What was found and what was expected.</param>
    /// <param name="innerException">Where reading failed.</param>
    public StateFileException(string message, Exception innerException) : base(message, innerException) { }
}
