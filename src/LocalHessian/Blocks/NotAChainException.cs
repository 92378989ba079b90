namespace LocalHessian.Blocks;

/// <summary>
/// The network is not a chain of blocks for which closed-form scales exist. The message names the modules and says what
/// to do.
/// </summary>
public sealed class NotAChainException : InvalidOperationException
{
    /// <summary>Creates the exception with a default message.</summary>
    public NotAChainException() : base("The network is not a chain of blocks.") { }

    /// <summary>Creates the exception.</summary>
    /// <param name="message">Which modules are at fault, and what to do.</param>
    public NotAChainException(string message) : base(message) { }

    /// <summary>Creates the exception.</summary>
    /// <param name="message">Which modules are at fault, and what to do.</param>
    /// <param name="innerException">What was found.</param>
    public NotAChainException(string message, Exception innerException) : base(message, innerException) { }
}
