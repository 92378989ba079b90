namespace LocalHessian;

/// <summary>
/// A product of an operator with a vector is NaN or infinite; to callers an <see cref="InvalidOperationException"/>.
/// </summary>
internal sealed class NonFiniteProductException(string message) : InvalidOperationException(message);
