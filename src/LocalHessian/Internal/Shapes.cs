using static TorchSharp.torch;

namespace LocalHessian.Internal;

/// <summary>Shapes compared number by number.</summary>
internal static class Shapes
{
    /// <summary>Whether two tensors have one shape. Tensor.shape would be an array made by a call back from native code, a quarter of the step of a small block.</summary>
    public static bool Equal(Tensor a, Tensor b)
    {
        var dimensions = a.dim();
        if (b.dim() != dimensions) return false;
        for (var i = 0; i < dimensions; i++)
        {
            if (a.size(i) != b.size(i)) return false;
        }

        return true;
    }
}
