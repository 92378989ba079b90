namespace LocalHessian.Mpi;

/// <summary>MPI cannot be used as it is asked to: the message says why and what to do.</summary>
public sealed class MpiException : Exception
{
    /// <summary>One with a message.</summary>
    /// <param name="message">Why, and what to do.</param>
    public MpiException(string message) : base(message)
    {
    }

    /// <summary>One with a message and its cause.</summary>
    /// <param name="message">Why, and what to do.</param>
    /// <param name="innerException">The cause.</param>
    public MpiException(string message, Exception innerException) : base(message, innerException)
    {
    }
}
