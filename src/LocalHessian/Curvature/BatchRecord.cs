using LocalHessian.Internal;
using static TorchSharp.torch;

namespace LocalHessian;

/// <summary>
/// One batch's output and loss with their graph, from which products are made without evaluating the network again.
/// </summary>
internal sealed class BatchRecord : IDisposable
{
    private readonly CurvatureLoss _loss;
    private readonly List<IDisposable> _owned = [];
    private Tensor?[]? _gradient;
    private (Tensor Cotangent, Tensor?[] Pulled)? _transposed;

    private BatchRecord(CurvatureLoss loss, ParameterLayout theta) => (_loss, Theta) = (loss, theta);

    public ParameterLayout Theta { get; }

    public Tensor Output { get; private set; } = null!;

    public Tensor Target { get; private set; } = null!;

    /// <summary>Σ_i ℓ_i of the batch.</summary>
    public Tensor LossSum { get; private set; } = null!;

    public long Samples => Output.shape[0];

    /// <summary>Whether it outlives the pass.</summary>
    public bool IsKept { get; set; }

    public static BatchRecord Of(ForwardCall call, CurvatureLoss loss, ParameterLayout theta, CurvatureBatch batch, long seed)
    {
        var record = new BatchRecord(loss, theta);
        record.Own(() => record.Evaluate(call, batch, seed));
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
        using var unfrozen = new RequiresGradScope(Theta.Leaves);
        _gradient ??= Own(() => Autograd.Grad([LossSum], Theta.Leaves, createGraph: true));
        // A gradient that does not depend on anything is that of a linear function.
        var curved = Enumerable.Range(0, group.Count).Where(i => _gradient[group[i]] is { requires_grad: true }).ToArray();
        return curved.Length == 0 ? new Tensor?[group.Count]
            : Autograd.Grad([.. curved.Select(i => _gradient[group[i]]!)], Leaves(group), [.. curved.Select(i => vector[i])]);
    }

    /// <summary>
    /// J·v, of the output's shape. Jᵀc is linear in c, so a vector-Jacobian product through its graph with respect to c is J·v.
    /// </summary>
    public Tensor Image(IReadOnlyList<int> group, IReadOnlyList<Tensor> vector)
    {
        using var unfrozen = new RequiresGradScope(Theta.Leaves);
        var (cotangent, pulled) = _transposed ??= Own(() =>
        {
            var c = zeros_like(Output, requires_grad: true);
            return (c, Autograd.Grad([Output], Theta.Leaves, [c], createGraph: true));
        });
        var reached = Enumerable.Range(0, group.Count).Where(i => pulled[group[i]] is { requires_grad: true }).ToArray();
        var image = reached.Length == 0 ? null
            : Autograd.Grad([.. reached.Select(i => pulled[group[i]]!)], [cotangent], [.. reached.Select(i => vector[i])])[0];
        return image ?? zeros_like(Output).detach();
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
    }

    private Tensor Evaluate(ForwardCall call, CurvatureBatch batch, long seed)
    {
        using var unfrozen = new RequiresGradScope(Theta.Leaves);
        using (new FrozenScope(call.Network, Theta.Leaves)) Output = call.Run(batch.Inputs, seed);
        if (Output.dim() == 0 || Output.shape[0] == 0)
            throw new ArgumentException($"The network's output has shape {Describe.Shape(Output)}; its rows are the samples, "
                + $"and there must be one at least.");
        if (!Output.detach().isfinite().all().item<bool>())
            throw new ArgumentException("The network's output has an entry that is NaN or infinite; look at its weights and "
                + "the data.");
        // Another tensor of the same memory: a data loader disposes its own with the batch.
        Target = batch.Target.detach().alias();
        _loss.ThrowUnlessFitting(Output, Target);
        LossSum = _loss.Sum(Output, Target);
        if (!LossSum.isfinite().item<bool>()) throw new ArgumentException("The loss is NaN or infinite.");
        if (!Output.requires_grad || !LossSum.requires_grad)
            throw new ArgumentException($"The loss does not depend on any of the chosen parameters, "
                + $"{Describe.Names(Theta.Parameters.Select(p => p.Name))}.");
        return LossSum;
    }

    private Tensor[] Leaves(IReadOnlyList<int> group) => [.. group.Select(i => Theta.Leaves[i])];
}
