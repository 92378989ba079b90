using System.Globalization;

namespace LocalHessian;

/// <summary>How far a long call has come; what its <see cref="IProgress{T}"/> is told, between products.</summary>
/// <remarks>
/// Reports are made on the calling thread as <see cref="IProgress{T}.Report"/> is called; <see cref="Progress{T}"/> passes
/// them on to the thread that created it. What a reporter throws ends the call.
/// </remarks>
/// <param name="Name">What is being done, in a few words: <c>Lanczos</c>, or the part of a longer call.</param>
/// <param name="Fraction">From 0 to 1, always rising within a call; 1 at its end.</param>
public readonly record struct OperationProgress(string Name, double Fraction)
{
    /// <summary>The name and whole percent: <c>Lanczos: 25 %</c>, in the invariant culture.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Name}: {Math.Floor(100 * Fraction):0} %");
}
