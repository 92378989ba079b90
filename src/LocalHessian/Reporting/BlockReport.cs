namespace LocalHessian.Reporting;

/// <summary>
/// One block of a network: shapes, the paper's two scalars beside what the exact Hessians say, and how well the signal
/// passes.
/// </summary>
/// <param name="Name">As in <see cref="Blocks.NetworkStructure.Blocks"/>.</param>
/// <param name="InputShape">z_{b-1}, batch first; empty where it is not one known tensor.</param>
/// <param name="OutputShape">z_b, batch first.</param>
/// <param name="WeightShapes">W_b; several weights for a composite block, none for one without.</param>
/// <param name="InputScale">m_{b,z} in closed form, eq. (24); NaN for a block that is not one of a chain of layers.</param>
/// <param name="WeightScale">m_{b,W} in closed form, eq. (24); NaN likewise.</param>
/// <param name="Input">The Gauss-Newton part of H_z of the whole batch; its mean eigenvalue is what m_{b,z} approximates.
/// Null where the input is not one floating-point tensor, or the Hessian could not be examined.</param>
/// <param name="Weight">
/// The Gauss-Newton part of H_W, mean over the batch; its mean eigenvalue is what m_{b,W} approximates. Null without a weight
/// of the block's own, or where it could not be examined.
/// </param>
/// <param name="InputEfficiency">How much of ℓ_b the step on z, of size 1, removes; null where not measured.</param>
/// <param name="WeightEfficiency">
/// The same for W; the size of the step is 1 there too, only its line search is meaningful. Null likewise.
/// </param>
public sealed record BlockReport(
    string Name, IReadOnlyList<long> InputShape, IReadOnlyList<long> OutputShape, IReadOnlyList<IReadOnlyList<long>> WeightShapes,
    double InputScale, double WeightScale, HessianSummary? Input, HessianSummary? Weight,
    SignalEfficiency? InputEfficiency, SignalEfficiency? WeightEfficiency);
