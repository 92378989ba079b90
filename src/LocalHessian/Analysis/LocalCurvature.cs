namespace LocalHessian;

/// <summary>
/// A block's loss as a function of one variable θ, its input z_{b-1} or its weight vec(W_b), or one sample's or output
/// channel's part of it: first and second derivatives there. See <see cref="BackMatchingLoss.ForInput"/> and
/// <see cref="BackMatchingLoss.ForWeight"/>.
/// </summary>
/// <remarks>It borrows the loss, owns no tensor, and throws once the loss is disposed.</remarks>
public sealed class LocalCurvature
{
    private static readonly HessianOptions Defaults = new();

    private readonly BackMatchingLoss _loss;
    private readonly IClosedForm? _form;
    private readonly Func<LeafVector> _theta;

    internal LocalCurvature(BackMatchingLoss loss, IClosedForm? form, Func<LeafVector> theta) =>
        (_loss, _form, _theta) = (loss, form, theta);

    /// <summary>
    /// ∇_θ ℓ_b = −AᵀΔ_b as a vector of dim θ entries: what back-propagation computes, Prop. 1; ∂J/∂θ for the last block.
    /// </summary>
    public Tensor Gradient()
    {
        using var scope = NewDisposeScope();
        var (graph, theta) = (_loss.Graph, _theta());
        var parts = _loss.Objective is { } objective
            ? BlockGraph.Pull(objective, theta.Leaves, null)
            : BlockGraph.Pull(graph.Output, theta.Leaves, -(_loss.DesiredChange ?? zeros_like(graph.Output)));
        return theta.Gather(parts).MoveToOuterDisposeScope();
    }

    /// <summary>H = ∂²ℓ_b/∂θ², dense — eqs. (13), (14).</summary>
    /// <param name="options">Part, batch reduction, method, limit; null for the full Hessian of the summed loss.</param>
    /// <param name="progress">Is told between columns, where it is differentiated; null for nobody.</param>
    /// <param name="cancellationToken">Stops the call within one product.</param>
    /// <returns>A new tensor, dim θ square, of the input's dtype on its device, without a graph.</returns>
    /// <exception cref="MatrixTooLargeException">The matrix would be too large; nothing has been allocated.</exception>
    /// <exception cref="ArgumentException">
    /// The training loss is asked for a part or a mean, or a closed form is demanded where there is none.
    /// </exception>
    /// <exception cref="SecondDerivativeException">The block has an operation without a second derivative.</exception>
    public Tensor Hessian(HessianOptions? options = null, IProgress<OperationProgress>? progress = null,
        CancellationToken cancellationToken = default)
    {
        using var scope = NewDisposeScope();
        options = Validated(options);
        var theta = _theta();
        ThrowIfTooLarge(theta.Size, options.MaxBytes);
        if (Method(options) == HessianMethod.ClosedForm) return ClosedForm(options).MoveToOuterDisposeScope();
        using var hessian = Operator(theta, options);
        return hessian.ToDense(options.MaxBytes, progress, cancellationToken).MoveToOuterDisposeScope();
    }

    /// <summary>The same as an operator, for θ too large for a square matrix.</summary>
    /// <remarks>
    /// It records the graph of the gradient (or of a vector-Jacobian product) once, a few times the memory of the block's
    /// activations; a product costs two to four passes through the block.
    /// </remarks>
    /// <param name="options">As in <see cref="Hessian"/>; method and limit are ignored.</param>
    /// <inheritdoc cref="Hessian" path="/exception[position() > 1]"/>
    public SymmetricOperator Operator(HessianOptions? options = null) => Operator(_theta(), Validated(options));

    /// <summary>The method that <see cref="Hessian"/> takes.</summary>
    /// <param name="options">As there.</param>
    /// <exception cref="ArgumentException">A closed form is demanded where there is none.</exception>
    public HessianMethod Method(HessianOptions? options = null)
    {
        options = Validated(options);
        var closed = _form is not null && _form.Covers(options.Part, _loss.DesiredChange is not null);
        if (options.Method == HessianMethod.ClosedForm && !closed)
            throw new ArgumentException(
                $"There is no closed form of the {options.Part} Hessian of '{_loss.Name}': they cover linear and convolution "
                + "layers, alone or followed by batch norm, after which only the Gauss-Newton part has one where batch "
                + "statistics are used.", nameof(options));
        return closed && options.Method != HessianMethod.Differentiation ? HessianMethod.ClosedForm
            : HessianMethod.Differentiation;
    }

    /// <summary>
    /// The paper's approximation after batch norm. Of the input: H_z of one sample, the same for each, <c>Σ_i w_i
    /// w_iᵀ/Var[w_iᵀz]</c> — eq. (17), the exact Gauss-Newton part without its 1/M terms (MATH §2). Of an output channel of
    /// the weight: <c>Σ_j z[j] z[j]ᵀ/Var[wᵀz]</c>, summed over the batch — eq. (18), a poor one: the terms it drops centre
    /// the inputs and project out w (MATH §2). Var includes the layer's ε, and the squared gain of the normalisation
    /// multiplies, where it has one.
    /// </summary>
    /// <param name="maxBytes">The largest result allowed.</param>
    /// <returns><c>D_{b-1}</c> square, or <c>dim W/n</c> square.</returns>
    /// <exception cref="InvalidOperationException">
    /// The block is not a linear or convolution layer followed by batch norm, or the weight is asked for without a channel.
    /// </exception>
    public Tensor Approximation(long? maxBytes = null)
    {
        ObjectDisposedException.ThrowIf(_loss.IsDisposed, _loss);
        if (_form is null || _loss.Form is not { HasNorm: true })
            throw new InvalidOperationException(
                "Eqs. (17) and (18) hold for a linear or convolution layer followed by batch norm alone; "
                + $"'{_loss.Name}' is none.");
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        using var precise = new FullPrecisionScope();
        return _form.Approximation(size => ThrowIfTooLarge(size, maxBytes)).MoveToOuterDisposeScope();
    }

    /// <summary>How much of the loss a gradient step on θ removes against the best step.</summary>
    /// <param name="step">
    /// The size η of the gradient step; for the input 1 is back-propagation's, Prop. 1; for the weight it is the learning
    /// rate.
    /// </param>
    /// <param name="tolerance">Relative residual of the conjugate gradients, default √eps of the dtype.</param>
    /// <param name="maxIterations">Products at most.</param>
    /// <param name="progress">Is told between products; null for nobody.</param>
    /// <param name="cancellationToken">Stops the call within one product.</param>
    /// <exception cref="SecondDerivativeException">The block has an operation without a second derivative.</exception>
    public SignalEfficiency Efficiency(
        double step = 1, double? tolerance = null, int maxIterations = 200,
        IProgress<OperationProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        using var scope = NewDisposeScope();
        using var h = Operator(_theta(), _loss.IsTrainingLoss ? Defaults : HessianOptions.GaussNewton);
        return EfficiencyModel.Of(h, Gradient(), _loss.Value, step, tolerance, maxIterations, progress, cancellationToken);
    }

    /// <summary>AᵀA with A = ∂F_b/∂θ, of the last block's map too.</summary>
    internal SymmetricOperator GaussNewton(BatchReduction batch = BatchReduction.Sum) => GaussNewton(_theta(), batch);

    private HessianOptions Validated(HessianOptions? options)
    {
        ObjectDisposedException.ThrowIf(_loss.IsDisposed, _loss);
        options ??= Defaults;
        if (_loss.IsTrainingLoss && (options.Part != HessianPart.Full || options.Batch != BatchReduction.Sum))
            throw new ArgumentException(
                "The last block's local loss is the training loss J: it has no Gauss-Newton split of this form, and its mean "
                + "over the batch is already taken. Ask for its full Hessian, or for the block's with BackMatchingLoss.Of.",
                nameof(options));
        return options;
    }

    private Tensor ClosedForm(HessianOptions options)
    {
        using var noGrad = no_grad();
        using var precise = new FullPrecisionScope();
        var hessian = _form!.Hessian();
        if (options.Part == HessianPart.Residual) hessian.zero_();
        if (options.Batch == BatchReduction.Mean) hessian.div_(_loss.Samples);
        return hessian;
    }

    private GraphOperator Operator(LeafVector theta, HessianOptions options)
    {
        if (options.Part == HessianPart.GaussNewton) return GaussNewton(theta, options.Batch);
        var graph = _loss.Graph;
        using var scope = NewDisposeScope();
        using var graded = enable_grad();
        var objective = _loss.Objective ?? (options.Part, _loss.DesiredChange) switch
        {
            (HessianPart.Residual, null) => graph.Output.sum() * 0,
            (HessianPart.Residual, { } change) => -(change * graph.Output).sum(),
            (_, null) => (graph.Output.detach() - graph.Output).square().sum() / 2,
            (_, { } change) => (graph.Output.detach() + change - graph.Output).square().sum() / 2,
        };
        return GraphOperator.Hessian(objective, theta, Weight(options.Batch), () => !_loss.IsDisposed);
    }

    private GraphOperator GaussNewton(LeafVector theta, BatchReduction batch) =>
        GraphOperator.GaussNewton(_loss.Graph, theta, Weight(batch), () => !_loss.IsDisposed);

    private double Weight(BatchReduction batch) => batch == BatchReduction.Mean ? 1.0 / _loss.Samples : 1;

    private void ThrowIfTooLarge(long size, long? maxBytes) => MatrixTooLargeException.ThrowIfTooLarge(
        size, size, _loss.Output.dtype, maxBytes, $"{nameof(LocalCurvature)}.{nameof(Operator)} serves without a matrix.",
        _loss.Output.device);
}
