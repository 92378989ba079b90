using static TorchSharp.torch;

namespace LocalHessian.Internal;

/// <summary>Tensors without NaN and infinity.</summary>
internal static class Finite
{
    /// <summary>Whether all entries are finite; integers are.</summary>
    public static bool Is(Tensor t)
    {
        if (!t.is_floating_point()) return true;
        using var scope = NewDisposeScope();
        using var ungraded = no_grad();
        return t.detach().isfinite().all().item<bool>();
    }

    /// <summary>Refuses a tensor with an entry that is not finite.</summary>
    /// <param name="t">The tensor.</param>
    /// <param name="subject">What it is, as the beginning of a sentence.</param>
    /// <param name="argument">The argument at fault.</param>
    public static void ThrowUnless(Tensor t, string subject, string argument)
    {
        if (!Is(t)) throw new ArgumentException($"{subject} has an entry that is NaN or infinite.", argument);
    }
}
