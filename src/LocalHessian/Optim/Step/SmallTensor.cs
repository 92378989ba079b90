using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace LocalHessian.Optim;

/// <summary>
/// Arithmetic on small tensors of the CPU through their memory. A native call for so few numbers costs more than the
/// arithmetic, and that of the fused kernel wakes all threads whatever the size.
/// </summary>
/// <remarks>Optimised from the first call: a short run would never leave the slower code that is compiled quickly.</remarks>
internal static class SmallTensor
{
    /// <summary>Whether the elements can be read one after the other, from the CPU.</summary>
    public static bool IsSmall(Tensor t, long elements) =>
        t.device_type == DeviceType.CPU && t.numel() <= elements && t.numel() > 0 && t.is_contiguous();

    /// <summary>‖·‖₂ of a float32 tensor, its squares and their sum in float64.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static double Norm(Tensor t)
    {
        var all = Elements(t);
        var vectors = Vectors(all);
        var (low, high) = (Vector<double>.Zero, Vector<double>.Zero);
        foreach (var vector in vectors)
        {
            Vector.Widen(vector, out var first, out var second);
            low += first * first;
            high += second * second;
        }

        var sum = Vector.Sum(low + high);
        foreach (var x in all[(vectors.Length * Vector<float>.Count)..]) sum += (double)x * x;
        return Math.Sqrt(sum);
    }

    /// <summary>v ← μv + a(g + λw) in float32; tensors of one size.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Accumulate(Tensor v, Tensor g, Tensor w, float momentum, float decay, float share)
    {
        Span<float> vs = Elements(v), gs = Elements(g), ws = Elements(w);
        Span<Vector<float>> vectors = Vectors(vs), gradients = Vectors(gs), weights = Vectors(ws);
        for (var i = 0; i < vectors.Length; i++)
            vectors[i] = (vectors[i] * momentum) + ((gradients[i] + (weights[i] * decay)) * share);
        for (var i = vectors.Length * Vector<float>.Count; i < vs.Length; i++)
            vs[i] = (vs[i] * momentum) + ((gs[i] + (ws[i] * decay)) * share);
    }

    private static Span<float> Elements(Tensor t) => MemoryMarshal.Cast<byte, float>(t.bytes);

    private static Span<Vector<float>> Vectors(Span<float> elements) => MemoryMarshal.Cast<float, Vector<float>>(elements);
}
