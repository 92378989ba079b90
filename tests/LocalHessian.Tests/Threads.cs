using System.Runtime.CompilerServices;

namespace LocalHessian.Tests;

internal static class Threads
{
    // The tests' tensors are tiny: more threads only wait for one another, and a busy machine makes that wait long.
    [ModuleInitializer]
    internal static void Single() => TorchSharp.torch.set_num_threads(1);
}
