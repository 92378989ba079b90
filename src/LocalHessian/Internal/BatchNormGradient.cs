namespace LocalHessian.Internal;

/// <summary>
/// The gradient of batch norm, <c>(g, x, γ) ↦ (γJg, Σ g x̂, Σ g)</c> with <c>J u = r(u − ū − x̂·a(u))</c>, <c>a(u)</c> the mean
/// of u x̂ (<see cref="NormalisedBatch"/>), and its own.
/// </summary>
/// <remarks>
/// <para>
/// For cotangents u, p and q of the three, with <c>F = uᵀJg = r(Σ ug − m ū ḡ − m a(u) a(g))</c>, whose gradient with respect to
/// x is <c>−(rF/m) x̂ − r a(g) Ju − r a(u) Jg</c> because <c>∂r/∂x = −r² x̂/m</c> and <c>∂a(u)/∂x = Ju/m</c>:
/// </para>
/// <code>
/// ∂/∂g = γJu + p x̂ + q
/// ∂/∂γ = F
/// ∂/∂x = −γ(rF/m) x̂ − γ r a(g) Ju + (p − γ r a(u)) Jg
/// </code>
/// <para>The last is a sum of multiples of u, g and x̂ and a constant, by channels.</para>
/// </remarks>
internal sealed class BatchNormGradient : autograd.MultiTensorFunction<BatchNormGradient>
{
    private const string BatchKey = "batch";
    private static readonly Scalar One = 1.ToScalar();

    public override string Name => nameof(BatchNormGradient);

    public static List<Tensor> Of(Tensor g, Tensor x, Tensor? weight, NormalisedBatch batch)
    {
        using var scope = NewDisposeScope();
        var parts = apply(g, x, weight!, batch);
        scope.MoveToOuter(parts);
        if (weight is null) (parts[1], parts[2]) = (null!, null!);
        return parts;
    }

    public override List<Tensor> forward(autograd.AutogradContext ctx, params object[] vars)
    {
        var (g, batch) = ((Tensor)vars[0], (NormalisedBatch)vars[3]);
        var (input, withNormalised, sum) = batch.Pull(g);
        ctx.set_materialize_grads(false);
        ctx.save_data(BatchKey, batch);
        ctx.save_for_backward([g, (Tensor)vars[1], (Tensor)vars[2], withNormalised.detach(), sum.detach()]);
        return [input, withNormalised, sum];
    }

    public override List<Tensor> backward(autograd.AutogradContext ctx, List<Tensor> grad_outputs) =>
        DerivativeCall.Run(4, grad_outputs, () =>
        {
            using var ungraded = no_grad();
            var saved = ctx.get_saved_variables();
            var (g, batch) = (saved[0], (NormalisedBatch)ctx.get_data(BatchKey));
            var (u, p, q) = (Given(grad_outputs[0]), Given(grad_outputs[1]), Given(grad_outputs[2]));
            var (weight, r, m) = (batch.Weight, batch.Root, batch.Count);
            u ??= zeros_like(g);
            var (withNormalised, sum) = batch.Sums(u);
            Tensor au = withNormalised / m, ag = saved[3] / m, meanU = sum / m, meanG = saved[4] / m;
            var f = r * (batch.Sum(u * g) - m * (meanU * meanG + au * ag));

            var scaled = weight * r;
            Tensor ofU = -scaled * r * ag, ofG = -scaled * r * au, ofNormalised = -scaled * au;
            if (p is not null)
            {
                ofG.add_(p * r);
                ofNormalised.add_(p);
            }

            var ofX = batch.Affine(g, ofG, -(ofU * meanU + ofG * meanG))
                .addcmul_(u, batch.PerChannel(ofU), One)
                .addcmul_(batch.Centred, batch.PerChannel(-(scaled * r * f / m + (ofU * au + ofG * ag) * r)), One);
            var ofOutput = batch.Affine(u, scaled, (q ?? zeros_like(meanU)) - scaled * meanU)
                .addcmul_(batch.Centred, batch.PerChannel(ofNormalised * r), One);
            return [ofOutput, ofX, saved[2] is null ? null! : f, null!];
        });

    private static Tensor? Given(Tensor? cotangent) => cotangent is null || cotangent.IsInvalid ? null : cotangent;
}
