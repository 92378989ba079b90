namespace LocalHessian;

/// <summary>The chosen parameters read as one vector θ.</summary>
internal sealed class ParameterLayout
{
    private readonly IReadOnlyList<(string Name, Parameter Parameter)> _chosen;

    public ParameterLayout(IReadOnlyList<(string Name, Parameter Parameter)> chosen)
    {
        _chosen = chosen;
        Leaves = [.. chosen.Select(c => c.Parameter)];
        ThrowUnlessAlike(chosen);
        var parameters = new List<CurvatureParameter>();
        foreach (var (name, p) in chosen)
        {
            parameters.Add(new(name, p.shape, Size, p.numel()));
            Size += p.numel();
        }

        Parameters = parameters;
    }

    /// <summary>The network's own tensors.</summary>
    public IReadOnlyList<Tensor> Leaves { get; }

    public IReadOnlyList<CurvatureParameter> Parameters { get; }

    /// <summary>Entries of θ.</summary>
    public long Size { get; }

    /// <summary>Some of the parameters.</summary>
    public ParameterLayout Where(Func<string, bool> where)
    {
        var kept = _chosen.Where(c => where(c.Name)).ToList();
        return kept.Count > 0 ? new(kept)
            : throw new ArgumentException(
                $"None of the chosen parameters, {Describe.Names(_chosen.Select(c => c.Name))}, is meant.", nameof(where));
    }

    /// <summary>A view for each parameter of a vector <c>(n)</c>.</summary>
    public Tensor[] Split(Tensor vector) =>
        [.. Parameters.Select(p => vector.narrow(0, p.Offset, p.Count).reshape([.. p.Shape]))];

    /// <summary>Adds parts of the given parameters to a vector.</summary>
    public void AddTo(Tensor vector, IReadOnlyList<int> group, IReadOnlyList<Tensor?> parts)
    {
        for (var i = 0; i < group.Count; i++)
            if (parts[i] is { } part)
                vector.narrow(0, Parameters[group[i]].Offset, part.numel()).add_(part.reshape(-1));
    }

    /// <summary>The parameters of each block, as indices.</summary>
    public int[][] Groups(CurvatureBlocks blocks)
    {
        var all = Enumerable.Range(0, Parameters.Count).ToArray();
        return blocks switch
        {
            CurvatureBlocks.Whole => [all],
            CurvatureBlocks.Parameters => [.. all.Select(i => new[] { i })],
            CurvatureBlocks.Layers =>
                [.. all.GroupBy(i => NetworkParts.ModuleOf(Parameters[i].Name)).Select(g => g.ToArray())],
            _ => throw new ArgumentOutOfRangeException(nameof(blocks), blocks, "Whole, layers or parameters."),
        };
    }

    private static void ThrowUnlessAlike(IReadOnlyList<(string Name, Parameter Parameter)> chosen)
    {
        var (name, first) = chosen[0];
        foreach (var (other, p) in chosen)
            if (p.dtype != first.dtype || !LinearOperator.SameDevice(p.device, first.device))
                throw new ArgumentException(
                    $"The chosen parameters must have one dtype and one device: '{name}' is {Describe.Tensor(first)}, "
                    + $"'{other}' is {Describe.Tensor(p)}.");
    }
}
