namespace LocalHessian;

/// <summary>Where a parameter lies in the vector θ of all chosen parameters.</summary>
/// <param name="Name">Its dotted name in the network; of a tied parameter, the first.</param>
/// <param name="Shape">Its shape.</param>
/// <param name="Offset">The index in θ of its first entry.</param>
/// <param name="Count">The number of its entries, in row-major order.</param>
public sealed record CurvatureParameter(string Name, IReadOnlyList<long> Shape, long Offset, long Count);
