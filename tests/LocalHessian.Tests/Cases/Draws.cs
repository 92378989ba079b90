using static TorchSharp.torch;

namespace LocalHessian.Tests.Cases;

/// <summary>What a generator draws is drawn on the CPU, what is read is read there: on every device the same.</summary>
public static class Draws
{
    /// <summary>Standard normal entries, on the device that the tests run on.</summary>
    /// <param name="generator">One of the CPU's.</param>
    /// <param name="shape">Shape.</param>
    /// <param name="dtype">Dtype.</param>
    public static Tensor Normal(Generator generator, long[] shape, ScalarType dtype = ScalarType.Float64) =>
        randn(shape, dtype, CPU, generator: generator).to(TestDevice.Current);

    /// <summary>The same from a seed.</summary>
    public static Tensor Normal(int seed, long[] shape, ScalarType dtype = ScalarType.Float64)
    {
        using var generator = new Generator((ulong)seed, CPU);
        return Normal(generator, shape, dtype);
    }

    /// <summary>A tensor's entries, wherever it is and however it lies.</summary>
    public static T[] Host<T>(this Tensor tensor) where T : unmanaged => tensor.detach().cpu().contiguous().data<T>().ToArray();
}
