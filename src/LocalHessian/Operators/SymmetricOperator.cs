namespace LocalHessian;

/// <summary>A symmetric matrix known only by its products: what the spectral routines take.</summary>
/// <remarks>
/// Symmetry is a promise of the subclass. Sums, differences and real multiples of symmetric operators are symmetric and
/// typed so; the product of two is in general not, and is a plain <see cref="LinearOperator"/>.
/// </remarks>
public abstract class SymmetricOperator : LinearOperator
{
    /// <inheritdoc cref="LinearOperator(long, ScalarType, Device)"/>
    protected SymmetricOperator(long size, ScalarType dtype, Device device) : base(size, dtype, device) { }

    /// <summary>
    /// The identity of a given size, for shifts such as damping: <c>h + 0.1 * SymmetricOperator.Identity(…)</c>.
    /// </summary>
    /// <inheritdoc cref="LinearOperator(long, ScalarType, Device)"/>
    public static SymmetricOperator Identity(long size, ScalarType dtype = ScalarType.Float32, Device? device = null) =>
        new IdentityOperator(size, dtype, device ?? CPU);

    /// <summary>The sum.</summary>
    public static SymmetricOperator operator +(SymmetricOperator a, SymmetricOperator b) =>
        new SymmetricCombination(new(1, a, 1, b));

    /// <summary>The difference.</summary>
    public static SymmetricOperator operator -(SymmetricOperator a, SymmetricOperator b) =>
        new SymmetricCombination(new(1, a, -1, b));

    /// <summary>The operator times a finite number.</summary>
    public static SymmetricOperator operator *(double number, SymmetricOperator a) => new SymmetricCombination(new(number, a));

    /// <summary>The negative.</summary>
    public static SymmetricOperator operator -(SymmetricOperator a) => -1 * a;

    private sealed class IdentityOperator(long size, ScalarType dtype, Device device) : SymmetricOperator(size, dtype, device)
    {
        protected override Tensor Multiply(Tensor columns) => columns.clone();
    }

    private sealed class SymmetricCombination : SymmetricOperator
    {
        private readonly LinearCombination _combination;

        public SymmetricCombination(LinearCombination combination)
            : base(combination.Size, combination.Dtype, combination.Device) => _combination = combination;

        protected override Tensor Multiply(Tensor columns) => _combination.Apply(columns, Cancellation);
    }
}
