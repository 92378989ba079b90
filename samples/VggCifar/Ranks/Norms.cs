using LocalHessian.Parallel;
using TorchSharp;
using static TorchSharp.torch;

namespace VggCifar.Ranks;

/// <summary>
/// Batch norm over this process's rows, or, with ranks, over the whole batch (<c>--sync-bn</c>). Network files are the same.
/// </summary>
internal static class Norms
{
    public static nn.Module<Tensor, Tensor> Of(long channels, IRanks? ranks, bool affine = true) =>
        ranks is null ? nn.BatchNorm2d(channels, affine: affine) : new SyncBatchNorm(ranks, channels, affine: affine);
}
