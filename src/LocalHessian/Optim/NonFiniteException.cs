namespace LocalHessian.Optim;

/// <summary>
/// A gradient, a weight or a multiplier has left the finite numbers of its dtype. The message names the parameter; what has
/// moved, <see cref="ScaledSGD.step"/> says.
/// </summary>
public sealed class NonFiniteException : InvalidOperationException
{
    /// <summary>Creates the exception with a default message.</summary>
    public NonFiniteException() : base("A gradient or a weight is not finite.") { }

    /// <summary>Creates the exception.</summary>
    /// <param name="message">Which parameter, and what to do.</param>
    public NonFiniteException(string message) : base(message) { }

    /// <summary>Creates the exception.</summary>
    /// <param name="message">Which parameter, and what to do.</param>
    /// <param name="innerException">What was found.</param>
    public NonFiniteException(string message, Exception innerException) : base(message, innerException) { }
}
