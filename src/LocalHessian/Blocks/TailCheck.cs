namespace LocalHessian.Blocks;

/// <summary>
/// Shows that what follows a weight layer up to the next does no more than the closed form allows for: it works on each
/// sample by itself, and on each output channel by itself, as activations, pooling, flattening and batch norm in evaluation
/// mode do. Normalisation layers over several channels are allowed for as well; behind the last layer channels may mix, as
/// that is where a softmax belongs to the loss.
/// </summary>
/// <remarks>
/// A product with a constant matrix, a softmax, a cumulative sum over channels, a layer that is not registered scale the
/// signal in ways that no shape shows. An operation that mixes positions of one channel counts as pooling. Entries of the
/// Jacobian that are exactly zero are the test; the output entries of largest magnitude are looked at, as these are not
/// behind a dead activation.
/// </remarks>
internal static class TailCheck
{
    private const int Entries = 4;

    public static void ThrowUnlessElementwise(Segment segment, bool isLast)
    {
        using var scope = NewDisposeScope();
        var output = segment.Output;
        var sample = zeros_like(output);
        sample[0].fill_(1);
        var pulled = Pull(segment, sample);
        if (pulled.shape[0] > 1 && pulled.narrow(0, 1, pulled.shape[0] - 1).count_nonzero().item<long>() > 0)
            throw new NotAChainException(
                $"What follows '{segment.Name}' mixes samples of a batch (a sum or softmax over the batch dimension?), which "
                + "is no part of a chain of layers.");
        if (isLast || segment.Observed.Any(m => m is LayerNorm or GroupNorm)) return;

        var features = output.numel() / output.shape[0];
        var flat = output.detach()[0].reshape(-1).abs();
        foreach (var at in flat.topk((int)Math.Min(Entries, features)).indexes.cpu().data<long>().ToArray())
        {
            // Contiguous, which an output that is channels last is not.
            var entry = zeros(output.shape, output.dtype, output.device);
            entry[0].view(-1)[at].fill_(1);
            if (Channels(segment, Pull(segment, entry)[0]) > 1)
                throw new NotAChainException(
                    $"What follows '{segment.Name}' mixes its output channels (a product with a matrix, a softmax, a "
                    + "cumulative sum, a layer that is not registered?). The closed form allows for activations, pooling, "
                    + "flattening and normalisation layers between two layers.");
        }
    }

    private static Tensor Pull(Segment segment, Tensor cotangent) =>
        Autograd.Grad([segment.Output], [segment.LayerOutput!], [cotangent])[0]!;

    // Channels come last behind a linear layer and first, after the batch, behind a convolution.
    private static long Channels(Segment segment, Tensor gradient)
    {
        var byChannel = segment.Module is Linear ? gradient.reshape(-1, gradient.shape[^1]).t()
            : gradient.reshape(gradient.shape[0], -1);
        return byChannel.abs().sum(1).count_nonzero().item<long>();
    }
}
