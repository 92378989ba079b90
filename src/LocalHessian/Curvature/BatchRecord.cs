namespace LocalHessian;

/// <summary>
/// One batch's output and loss with their graph, from which products are made without evaluating the network again.
/// </summary>
internal sealed class BatchRecord : IDisposable
{
    private readonly List<IDisposable> _owned = [];
    private RecordedDerivative? _gradient;
    private RecordedJacobian? _jacobian;

    private BatchRecord(ParameterLayout theta) => Theta = theta;

    public ParameterLayout Theta { get; }

    public Tensor Output { get; private set; } = null!;

    public Tensor Target { get; private set; } = null!;

    /// <summary>Σ_i ℓ_i of the batch.</summary>
    public Tensor LossSum { get; private set; } = null!;

    public long Samples => Output.shape[0];

    /// <summary>Whether it outlives the pass.</summary>
    public bool IsKept { get; set; }

    public static BatchRecord Of(RecordedData data, CurvatureBatch batch, long seed)
    {
        var record = new BatchRecord(data.Theta);
        record.Own(() => record.Evaluate(data, batch, seed));
        return record;
    }

    /// <summary>∂(Σ_i ℓ_i)/∂θ without a graph; null where the loss does not depend on the parameter.</summary>
    public Tensor?[] Gradient()
    {
        using var unfrozen = new RequiresGradScope(Theta.Leaves);
        return Autograd.Grad([LossSum], Theta.Leaves);
    }

    /// <summary>The product of the Hessian's block of some parameters with a tensor for each of them.</summary>
    public Tensor?[] HessianProduct(IReadOnlyList<int> group, IReadOnlyList<Tensor> vector)
    {
        _gradient ??= new(LossSum, Theta.Leaves);
        return _gradient.Differentiate(group, vector, Leaves(group));
    }

    /// <summary>J·v, of the output's shape.</summary>
    public Tensor Image(IReadOnlyList<int> group, IReadOnlyList<Tensor> vector)
    {
        _jacobian ??= new(Output, Theta.Leaves);
        return _jacobian.Image(group, vector);
    }

    /// <summary>Jᵀ·c for some parameters; null where no path leads to one.</summary>
    public Tensor?[] Pull(IReadOnlyList<int> group, Tensor direction)
    {
        using var unfrozen = new RequiresGradScope(Theta.Leaves);
        return Autograd.Grad([Output], Leaves(group), [direction]);
    }

    /// <summary>Takes all that is created meanwhile out of the current dispose scope; it lives as long as the record.</summary>
    public T Own<T>(Func<T> create)
    {
        using var scope = NewDisposeScope();
        using var graded = enable_grad();
        var made = create();
        var kept = scope.DisposablesView.ToList();
        scope.Detach(kept);
        _owned.AddRange(kept);
        return made;
    }

    public void Dispose()
    {
        foreach (var tensor in _owned) tensor.Dispose();
        _owned.Clear();
        _gradient?.Dispose();
        _jacobian?.Dispose();
    }

    private Tensor Evaluate(RecordedData data, CurvatureBatch batch, long seed)
    {
        using var unfrozen = new RequiresGradScope(Theta.Leaves);
        Output = data.Evaluate(batch, seed, Theta.Leaves);
        // Another tensor of the same memory: a data loader disposes its own with the batch.
        Target = batch.Target.detach().alias();
        LossSum = data.Loss.Sum(Output, Target);
        if (!Finite.Is(LossSum)) throw new ArgumentException("The loss is NaN or infinite.");
        if (!Output.requires_grad || !LossSum.requires_grad)
            throw new ArgumentException("The loss does not depend on any of the chosen parameters, "
                + $"{Describe.Names(Theta.Parameters.Select(p => p.Name))}.");
        return LossSum;
    }

    private Tensor[] Leaves(IReadOnlyList<int> group) => [.. group.Select(i => Theta.Leaves[i])];
}
