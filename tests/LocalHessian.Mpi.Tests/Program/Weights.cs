using System.Security.Cryptography;
using static TorchSharp.torch;

namespace LocalHessian.Mpi.Tests.Program;

/// <summary>A network's weights in short.</summary>
internal static class Weights
{
    /// <summary>SHA-256 over parameters and buffers, bit for bit.</summary>
    public static string Hash(nn.Module network) => Hash([.. network.parameters(), .. network.buffers()]);

    /// <summary>SHA-256 over tensors, bit for bit.</summary>
    public static string Hash(IReadOnlyList<Tensor> tensors)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var tensor in tensors)
        {
            using var host = tensor.detach().cpu().contiguous();
            hash.AppendData(host.bytes);
        }

        return Convert.ToHexString(hash.GetHashAndReset());
    }
}
