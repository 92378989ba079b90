namespace LocalHessian;

/// <summary>The product of a vector with one batch's part of a curvature matrix, summed over the batch's samples.</summary>
internal abstract class BatchProduct
{
    /// <summary>A product for some parameters: a tensor for each goes in, and one, or null for zeros, comes out.</summary>
    public delegate Tensor?[] Multiplication(IReadOnlyList<int> group, IReadOnlyList<Tensor> vector);

    /// <summary>What goes along through a pass over the data; null for nothing.</summary>
    public virtual IDisposable? Begin() => null;

    /// <summary>What all products with this batch share is computed here, once.</summary>
    public abstract Multiplication Prepare(BatchRecord record, IDisposable? pass);
}

/// <summary>∂²(Σ_i ℓ_i)/∂θ².</summary>
internal sealed class HessianProduct : BatchProduct
{
    public override Multiplication Prepare(BatchRecord record, IDisposable? pass) => record.HessianProduct;
}

/// <summary>Jᵀ M J with an M for the output of the batch.</summary>
internal abstract class JacobianProduct : BatchProduct
{
    public sealed override Multiplication Prepare(BatchRecord record, IDisposable? pass)
    {
        var middle = record.Own(() => Middle(record.Output.detach(), record.Target, pass));
        return (group, vector) => record.Pull(group, middle(record.Image(group, vector)));
    }

    /// <summary>The product with M.</summary>
    protected abstract Func<Tensor, Tensor> Middle(Tensor output, Tensor target, IDisposable? pass);
}
