namespace LocalHessian;

/// <summary>
/// An iterative method for one right-hand side: it names the vector whose product it wants, and goes on with the product.
/// </summary>
/// <remarks>
/// Vectors are float64, whatever the operator's dtype. They belong to the scope in which it was made, and are reused.
/// </remarks>
internal interface ISolveRecurrence
{
    /// <summary>The vector whose product with <c>A + δI</c> comes next.</summary>
    Tensor Next { get; }

    /// <summary>The solution so far.</summary>
    Tensor X { get; }

    /// <summary>The residual's norm as the recurrence has it.</summary>
    double Estimate { get; }

    /// <summary>Set when the method can go no further.</summary>
    SolveStatus? Status { get; }

    /// <summary>Starts, or starts anew, from zero.</summary>
    void Begin(Tensor right);

    /// <param name="product">What was asked for; may be overwritten.</param>
    void Advance(Tensor product);
}
