namespace LocalHessian.Blocks;

/// <summary>
/// The walk that everything block by block takes: over the segments of a cut pass from the network's output to its input,
/// with the signal that back-propagation sends along, <c>Δ_{b-1} = ν·A_zᵀΔ_b</c> (Prop. 1 with ν = 1).
/// </summary>
internal static class BackwardSegments
{
    /// <param name="pass">The pass.</param>
    /// <param name="signal">Δ at the network's output; null where no signal is wanted.</param>
    /// <param name="rate">ν.</param>
    /// <returns>
    /// Index, segment and Δ of its output. The walk ends at the segment whose input is not differentiable, and does not begin
    /// where nothing of the output is. A signal that is not taken out of the dispose scope lives as long as that.
    /// </returns>
    public static IEnumerable<(int Index, Segment Segment, Tensor? Signal)> Of(SegmentedPass pass, Tensor? signal = null,
        double rate = 1)
    {
        for (var b = pass.Segments.Count - 1; b >= 0; b--)
        {
            var segment = pass.Segments[b];
            if (!segment.Output.requires_grad) yield break;
            signal = signal?.reshape(segment.Output.shape);
            yield return (b, segment, signal);
            if (!segment.HasDifferentiableInput) yield break;
            if (signal is null || b == 0) continue;
            signal = Autograd.Grad([segment.Output], [segment.Input!], [signal])[0] ?? zeros_like(segment.Input!);
            if (rate != 1) signal = signal * rate;
        }
    }
}
