namespace LocalHessian.Internal;

/// <summary>
/// A call of a derivative of our own by libtorch, on the thread that differentiates. An exception would end the process on its
/// way through libtorch's frames: it is kept until the differentiation has returned. What a call returns libtorch has taken
/// over by the next one, and then it is released, or maps would pile up until the end.
/// </summary>
internal static class DerivativeCall
{
    [ThreadStatic]
    private static Exception? s_fault;

    [ThreadStatic]
    private static List<Tensor>? s_returned;

    /// <summary>The result, or as many undefined gradients after an exception.</summary>
    /// <param name="count">Gradients.</param>
    /// <param name="cotangents">What it is called with; they are disposed.</param>
    /// <param name="derivative">A gradient for each argument; null where it has none.</param>
    public static List<Tensor> Run(int count, IReadOnlyList<Tensor> cotangents, Func<List<Tensor>> derivative)
    {
        Release();
        using var scope = NewDisposeScope();
        try
        {
            var result = derivative();
            s_returned = [.. result.Where(t => t is not null)];
            scope.Detach(s_returned);
            return result;
        }
#pragma warning disable CA1031 // None may pass.
        catch (Exception e)
#pragma warning restore CA1031
        {
            s_fault ??= e;
            return [.. Enumerable.Repeat<Tensor>(null!, count)];
        }
        finally
        {
            foreach (var cotangent in cotangents) cotangent?.Dispose();
        }
    }

    /// <summary>Releases what the last call has returned, and hands over the first exception since the last time.</summary>
    public static Exception? End()
    {
        Release();
        var fault = s_fault;
        s_fault = null;
        return fault;
    }

    private static void Release()
    {
        if (s_returned is null) return;
        foreach (var tensor in s_returned) tensor.Dispose();
        s_returned = null;
    }
}
