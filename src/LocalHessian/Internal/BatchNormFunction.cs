namespace LocalHessian.Internal;

/// <summary>Batch norm by the statistics of its batch; the gradient is <see cref="BatchNormGradient"/>.</summary>
internal sealed class BatchNormFunction : autograd.SingleTensorFunction<BatchNormFunction>
{
    private const string BatchKey = "batch";

    public override string Name => nameof(BatchNormFunction);

    /// <summary>γx̂ + β, see <see cref="NormalisedBatch"/>.</summary>
    /// <param name="input">x.</param>
    /// <param name="weight">γ, or null.</param>
    /// <param name="bias">β, or null.</param>
    /// <param name="eps">ε.</param>
    /// <param name="kept">Takes what must live as long as the graph.</param>
    public static Tensor Of(Tensor input, Tensor? weight, Tensor? bias, double eps, List<Tensor> kept)
    {
        // TorchSharp keeps a tensor as large as the output for gradients that are missing: here there are none.
        using var scope = NewDisposeScope();
        var batch = new NormalisedBatch(input, weight, bias, eps, kept);
        return apply(input, weight!, bias!, batch).MoveToOuterDisposeScope();
    }

    public override Tensor forward(autograd.AutogradContext ctx, params object[] vars)
    {
        var batch = (NormalisedBatch)vars[3];
        ctx.set_materialize_grads(false);
        ctx.save_data(BatchKey, batch);
        ctx.save_for_backward([(Tensor)vars[0], (Tensor)vars[1]]);
        return batch.Output;
    }

    public override List<Tensor> backward(autograd.AutogradContext ctx, Tensor grad_output) =>
        DerivativeCall.Run(4, [grad_output], () =>
        {
            var saved = ctx.get_saved_variables();
            return [.. BatchNormGradient.Of(grad_output, saved[0], saved[1], (NormalisedBatch)ctx.get_data(BatchKey)), null!];
        });
}
