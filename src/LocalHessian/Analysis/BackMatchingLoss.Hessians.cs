using static TorchSharp.torch;

namespace LocalHessian;

public sealed partial class BackMatchingLoss
{
    private static readonly HessianOptions Defaults = new();

    /// <summary>H_z = ∂²ℓ_b/∂z_{b-1}², dense — eq. (13).</summary>
    /// <param name="options">Part, batch reduction, road, limit; null for the full Hessian of the summed loss.</param>
    /// <param name="sample">
    /// The sample whose block is wanted, <c>(D_{b-1}, D_{b-1})</c>; null for the whole batch, <c>(N·D_{b-1}, N·D_{b-1})</c>. Without batch norm
    /// in training mode these blocks are all there is: samples do not interact.
    /// </param>
    /// <returns>A new tensor of the input's dtype on its device, without a graph.</returns>
    /// <exception cref="MatrixTooLargeException">The matrix would be too large; nothing has been allocated.</exception>
    /// <exception cref="IndependentBlockException">The output does not depend on the input.</exception>
    /// <exception cref="ArgumentException">
    /// The training loss is asked for a part or a mean, or a closed form is demanded where there is none.
    /// </exception>
    public Tensor InputHessian(HessianOptions? options = null, long? sample = null)
    {
        using var scope = NewDisposeScope();
        options = Check(options);
        var theta = InputTheta(sample);
        Refuse(theta, options, nameof(InputHessianOperator));
        return Road(options, weight: false) == HessianRoad.ClosedForm
            ? Closed(options, form => form.InputHessian(sample)).MoveToOuterDisposeScope()
            : Differentiated(theta, options).MoveToOuterDisposeScope();
    }

    /// <summary>H_W = ∂²ℓ_b/∂vec(W_b)², dense — eq. (14).</summary>
    /// <param name="options">As in <see cref="InputHessian"/>.</param>
    /// <param name="channel">
    /// The output channel or unit whose diagonal block is wanted, <c>(dim W/n)</c> square; null for all of it. Of a linear or convolution layer,
    /// with or without batch norm, the diagonal blocks are all there is.
    /// </param>
    /// <returns>A new tensor of the input's dtype on its device, without a graph.</returns>
    /// <inheritdoc cref="InputHessian" path="/exception"/>
    /// <exception cref="InvalidOperationException">The block has no weight, or several and a channel is asked for.</exception>
    public Tensor WeightHessian(HessianOptions? options = null, long? channel = null)
    {
        using var scope = NewDisposeScope();
        options = Check(options);
        var theta = WeightTheta(channel);
        Refuse(theta, options, nameof(WeightHessianOperator));
        return Road(options, weight: true) == HessianRoad.ClosedForm
            ? Closed(options, form => form.WeightHessian(channel)).MoveToOuterDisposeScope()
            : Differentiated(theta, options).MoveToOuterDisposeScope();
    }

    /// <summary>H_z as an operator on <c>vec(z)</c>, for blocks too large to write down.</summary>
    /// <remarks>
    /// It records the graph of the gradient (or of a vector-Jacobian product) once, a few times the memory of the block's activations;
    /// a product costs two to four passes through the block. It borrows this loss, and throws once that is disposed.
    /// </remarks>
    /// <param name="options">As in <see cref="InputHessian"/>; road and limit are ignored.</param>
    /// <param name="sample">As in <see cref="InputHessian"/>.</param>
    /// <inheritdoc cref="InputHessian" path="/exception[position() > 1]"/>
    public SymmetricOperator InputHessianOperator(HessianOptions? options = null, long? sample = null) =>
        Operator(InputTheta(sample), Check(options));

    /// <summary>H_W as an operator on <c>vec(W)</c>, for weights too large for a square matrix.</summary>
    /// <remarks>As for <see cref="InputHessianOperator"/>.</remarks>
    /// <param name="options">As in <see cref="InputHessian"/>; road and limit are ignored.</param>
    /// <param name="channel">As in <see cref="WeightHessian"/>.</param>
    /// <inheritdoc cref="WeightHessian" path="/exception[position() > 1]"/>
    public SymmetricOperator WeightHessianOperator(HessianOptions? options = null, long? channel = null) =>
        Operator(WeightTheta(channel), Check(options));

    /// <summary>The road that <see cref="InputHessian"/> takes.</summary>
    /// <param name="options">As there.</param>
    public HessianRoad InputRoad(HessianOptions? options = null) => Road(Check(options), weight: false);

    /// <summary>The road that <see cref="WeightHessian"/> takes.</summary>
    /// <param name="options">As there.</param>
    public HessianRoad WeightRoad(HessianOptions? options = null) => Road(Check(options), weight: true);

    /// <summary>
    /// The paper's approximation of H_z of one sample after batch norm, <c>Σ_i w_i w_iᵀ/Var[w_iᵀz]</c> — eq. (17): the exact Gauss-Newton part without
    /// its 1/M terms (MATH §2). Var includes the layer's ε, and the squared gain of the normalisation multiplies, where it has one.
    /// </summary>
    /// <returns><c>(D_{b-1}, D_{b-1})</c>, the same for every sample.</returns>
    /// <param name="maxBytes">The largest result allowed.</param>
    /// <exception cref="InvalidOperationException">The block is not a linear or convolution layer followed by batch norm.</exception>
    public Tensor ApproximateInputHessian(long? maxBytes = null)
    {
        var form = AfterBatchNorm("eq. (17)");
        using var scope = NewDisposeScope();
        Refuse(InputTheta(0), new HessianOptions { MaxBytes = maxBytes }, nameof(InputHessianOperator));
        using var noGrad = no_grad();
        return form.SampleHessian().MoveToOuterDisposeScope();
    }

    /// <summary>
    /// The paper's approximation of H_w of one output channel after batch norm, <c>Σ_j z[j] z[j]ᵀ/Var[wᵀz]</c> — eq. (18). A poor one: the terms
    /// it drops centre the inputs and project out w (MATH §2).
    /// </summary>
    /// <param name="channel">The output channel.</param>
    /// <param name="maxBytes">The largest result allowed.</param>
    /// <returns><c>(dim W/n)</c> square, summed over the batch.</returns>
    /// <exception cref="InvalidOperationException">The block is not a linear or convolution layer followed by batch norm.</exception>
    public Tensor ApproximateWeightHessian(long channel, long? maxBytes = null)
    {
        var form = AfterBatchNorm("eq. (18)");
        using var scope = NewDisposeScope();
        Refuse(WeightTheta(channel), new HessianOptions { MaxBytes = maxBytes }, nameof(WeightHessianOperator));
        using var noGrad = no_grad();
        return form.WeightHessian(channel, centred: false).MoveToOuterDisposeScope();
    }

    internal SymmetricOperator GaussNewton(bool weight, BatchReduction batch = BatchReduction.Sum) =>
        new GaussNewtonOperator(_graph, weight ? WeightTheta() : InputTheta(), batch == BatchReduction.Mean ? 1.0 / Samples : 1, () => !_disposed);

    private LayerForm AfterBatchNorm(string equation) => Alive()._form is { HasNorm: true } form
        ? form
        : throw new InvalidOperationException($"{equation} holds for a linear or convolution layer followed by batch norm alone; '{Name}' is none.");

    private HessianOptions Check(HessianOptions? options)
    {
        Alive();
        options ??= Defaults;
        if (_objective is not null && (options.Part != HessianPart.Full || options.Batch != BatchReduction.Sum))
            throw new ArgumentException(
                "The last block's local loss is the training loss J: it has no Gauss-Newton split of this form, and its mean over the batch is already taken. "
                + "Ask for its full Hessian, or for the block's with BackMatchingLoss.Of.", nameof(options));
        return options;
    }

    private HessianRoad Road(HessianOptions options, bool weight)
    {
        var closed = _form is not null && _form.Covers(weight, options.Part, DesiredChange is not null);
        if (options.Road == HessianRoad.ClosedForm && !closed)
            throw new ArgumentException(
                $"There is no closed form of the {options.Part} Hessian of '{Name}': they cover linear and convolution layers, alone or followed by batch norm, "
                + "after which only the Gauss-Newton part has one where batch statistics are used.", nameof(options));
        return closed && options.Road != HessianRoad.Differentiation ? HessianRoad.ClosedForm : HessianRoad.Differentiation;
    }

    private Tensor Closed(HessianOptions options, Func<LayerForm, Tensor> compute)
    {
        using var noGrad = no_grad();
        var hessian = compute(_form!);
        if (options.Part == HessianPart.Residual) hessian.zero_();
        if (options.Batch == BatchReduction.Mean) hessian.div_(Samples);
        return hessian;
    }

    private Tensor Differentiated(LeafVector theta, HessianOptions options)
    {
        using var hessian = Operator(theta, options);
        return hessian.ToDense(options.MaxBytes);
    }

    private GraphOperator Operator(LeafVector theta, HessianOptions options)
    {
        var factor = options.Batch == BatchReduction.Mean ? 1.0 / Samples : 1;
        if (options.Part == HessianPart.GaussNewton) return new GaussNewtonOperator(_graph, theta, factor, () => !_disposed);
        using var scope = NewDisposeScope();
        using var graded = enable_grad();
        var objective = _objective ?? (options.Part, DesiredChange) switch
        {
            (HessianPart.Residual, null) => _graph.Output.sum() * 0,
            (HessianPart.Residual, { } change) => -(change * _graph.Output).sum(),
            (_, var change) => ((change is null ? _graph.Output.detach() : _graph.Output.detach() + change) - _graph.Output).square().sum() / 2,
        };
        return new ObjectiveHessianOperator(objective, theta, factor, () => !_disposed);
    }

    private static void Refuse(LeafVector theta, HessianOptions options, string alternative) => MatrixTooLargeException.ThrowIfTooLarge(
        theta.Size, theta.Size, theta.Leaves[0].dtype, options.MaxBytes, $"{nameof(BackMatchingLoss)}.{alternative} serves without a matrix.");
}
