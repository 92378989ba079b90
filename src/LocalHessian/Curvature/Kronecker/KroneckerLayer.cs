namespace LocalHessian;

/// <summary>A layer that K-FAC fits, and where its parameters lie in θ; null for a weight or bias that was not chosen.</summary>
internal sealed record KroneckerLayer(string Name, nn.Module<Tensor, Tensor> Module, CurvatureParameter? Weight,
    CurvatureParameter? Bias)
{
    /// <summary>The layers of all chosen parameters. Those that no such layer has are refused by name.</summary>
    public static List<KroneckerLayer> Of(nn.Module network, ParameterLayout theta)
    {
        var places = theta.Leaves.Select((leaf, i) => (leaf.Handle, theta.Parameters[i]))
            .ToDictionary(p => p.Handle, p => p.Item2);
        var layers = new List<KroneckerLayer>();
        var covered = new HashSet<IntPtr>();
        foreach (var (name, module) in NetworkParts.Modules(network))
        {
            if (Parameters(module) is not { } own) continue;
            var (weight, bias) = (Place(own.Weight), own.Bias is null ? null : Place(own.Bias));
            if (weight is null && bias is null) continue;
            foreach (var handle in new[] { own.Weight, own.Bias }.OfType<Parameter>()
                .Select(p => p.Handle).Where(places.ContainsKey))
                if (!covered.Add(handle))
                    throw new NotSupportedException($"K-FAC does not fit '{places[handle].Name}': several layers share it.");
            layers.Add(new(name, (nn.Module<Tensor, Tensor>)module, weight, bias));
        }

        var left = places.Where(p => !covered.Contains(p.Key)).Select(p => p.Value.Name).ToList();
        if (left.Count > 0)
            throw new NotSupportedException(
                $"K-FAC fits linear layers and ungrouped convolutions, and not {Describe.Names(left)}: leave them out with "
                + "CurvatureOptions.Where or Restrict.");
        return layers;

        CurvatureParameter? Place(Parameter p) => places.GetValueOrDefault(p.Handle);
    }

    /// <summary>Rows of the gradient's matrix, which is the weight with the bias as its last column.</summary>
    public long Outputs => Weight?.Shape[0] ?? Bias!.Count;

    /// <summary>Columns of the weight.</summary>
    public long Inputs => Weight is null ? 0 : Weight.Count / Weight.Shape[0];

    /// <summary>Columns of the gradient's matrix.</summary>
    public long Columns => Inputs + (Bias is null ? 0 : 1);

    /// <summary>Matrices <c>[k, outputs, inputs]</c> in the order of the weight to that of <see cref="LayerRows"/>.</summary>
    public Tensor FromWeightOrder(Tensor matrices) => Exchange(matrices, Channels, Inputs / Channels);

    /// <summary>And back.</summary>
    public Tensor ToWeightOrder(Tensor matrices) => Exchange(matrices, Inputs / Channels, Channels);

    /// <summary>Adds a one for the bias along the given dimension.</summary>
    public Tensor WithOne(Tensor inputs, int dimension)
    {
        if (Bias is null) return inputs;
        long[] shape = [.. inputs.shape];
        shape[dimension] = 1;
        var one = ones(shape, inputs.dtype, inputs.device);
        return Weight is null ? one : cat([inputs, one], dimension);
    }

    /// <exception cref="NotSupportedException">They are not.</exception>
    public void ThrowUnlessRowsAreSamples(long rows, long samples)
    {
        if (rows != samples)
            throw new NotSupportedException(
                $"The layer '{Name}' has {rows} rows where the network's output has {samples}: EKFAC and "
                + "KroneckerPositions.Reduce need to know whose they are; K-FAC with KroneckerPositions.Expand does not.");
    }

    private long Channels => Weight!.Shape[1];

    private static Tensor Exchange(Tensor m, long slow, long fast) => slow == 1 || fast == 1 ? m
        : m.reshape(m.shape[0], m.shape[1], slow, fast).transpose(2, 3).flatten(2);

    private static (Parameter Weight, Parameter? Bias)? Parameters(nn.Module module) => module switch
    {
        Linear linear => (linear.weight!, linear.bias),
        Convolution { transposed: false, groups: 1 } convolution => (convolution.weight!, convolution.bias),
        _ => null,
    };
}
