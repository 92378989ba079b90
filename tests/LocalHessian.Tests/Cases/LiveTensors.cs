using static TorchSharp.torch;

namespace LocalHessian.Tests.Cases;

/// <summary>The number of tensors that are alive, once the finalizers have taken what earlier tests left to them.</summary>
public static class LiveTensors
{
    public static long Count()
    {
        for (var i = 0; i < 2; i++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }

        return Tensor.TotalCount;
    }
}
