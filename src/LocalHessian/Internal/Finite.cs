namespace LocalHessian.Internal;

/// <summary>Tensors and numbers without NaN and infinity.</summary>
internal static class Finite
{
    /// <summary>Whether all entries are finite; integers are.</summary>
    public static bool Is(Tensor t)
    {
        if (!t.is_floating_point()) return true;
        using var scope = NewDisposeScope();
        using var ungraded = no_grad();
        // A sum in one pass, which is finite only where all entries are. One that is not may have overflowed.
        return double.IsFinite(t.detach().sum().ToNumber()) || t.detach().isfinite().all().item<bool>();
    }

    /// <summary>Refuses a tensor with an entry that is not finite.</summary>
    /// <param name="t">The tensor.</param>
    /// <param name="subject">What it is, as the beginning of a sentence.</param>
    /// <param name="argument">The argument at fault.</param>
    public static void ThrowUnless(Tensor t, string subject, string argument)
    {
        if (!Is(t)) throw new ArgumentException($"{subject} has an entry that is NaN or infinite.", argument);
    }

    /// <summary>Refuses a number that is zero, negative or not finite.</summary>
    /// <param name="value">The number; null is none.</param>
    /// <param name="subject">What it is, as the beginning of a sentence.</param>
    /// <param name="argument">The argument at fault.</param>
    public static void ThrowUnlessPositive(double? value, string subject, string argument)
    {
        if (value is { } v && !(v > 0 && double.IsFinite(v)))
            throw new ArgumentOutOfRangeException(argument, v, $"{subject} is a finite number above zero.");
    }

    /// <summary>Refuses a number that is negative or not finite.</summary>
    /// <inheritdoc cref="ThrowUnlessPositive" path="/param"/>
    public static void ThrowIfNegative(double? value, string subject, string argument)
    {
        if (value is { } v && !(v >= 0 && double.IsFinite(v)))
            throw new ArgumentOutOfRangeException(argument, v, $"{subject} is a finite number from zero up.");
    }
}
