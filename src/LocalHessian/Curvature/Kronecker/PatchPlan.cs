namespace LocalHessian;

/// <summary>
/// How the second moment of a convolution's patches is summed from products of the map with itself, without patches: see
/// <see cref="PatchProducts"/>. For stride 1 and zeros around the map.
/// </summary>
/// <param name="Rows">The first dimension of the map, whose distances are multiplied apart.</param>
/// <param name="Across">The second, which is cut into strips.</param>
/// <param name="Others">Further dimensions.</param>
/// <param name="Channels">Channels of the input.</param>
/// <param name="StripPositions">Positions of the output that a strip covers.</param>
internal sealed record PatchPlan(
    PatchAxis Rows, PatchAxis Across, IReadOnlyList<PatchAxis> Others, long Channels, long StripPositions)
{
    // What else takes time, in multiplications: a number that is copied, and a call.
    private const long ACopy = 64, ACall = 1 << 20;
    private const long TimesTheResult = 8, AlwaysAllowed = 1 << 20;

    /// <summary>The stretches of rows.</summary>
    public IReadOnlyList<PatchStretch> Stretches { get; } = [.. Rows.Stretches()];

    /// <summary>The strips.</summary>
    public IReadOnlyList<PatchStrip> Strips { get; } = [.. Across.Strips(StripPositions)];

    /// <summary>Numbers of one entry of <see cref="Across"/>.</summary>
    public long Entry => Others.Aggregate(Channels, (n, axis) => n * axis.Size);

    /// <summary>Columns of a patch.</summary>
    public long Columns => Across.Kernel * Rows.Kernel * Others.Aggregate(Channels, (n, axis) => n * axis.Kernel);

    /// <summary>Patches of a sample.</summary>
    public long Positions => Rows.Positions * Across.Positions * Others.Aggregate(1L, (n, axis) => n * axis.Positions);

    /// <summary>Numbers that the products take, with the zeros around them.</summary>
    public long Numbers => Stretches.Count * Strips.Sum(s => Square(Across.Window(s.Positions) * PaddedEntry)
        + (Others.Count == 0 ? 0 : Square(s.Count * Entry)));

    /// <summary>Multiplications for so many samples; of those with themselves half are left out.</summary>
    public long Multiplications(long samples) => Strips.Sum(s => s.Starts.Count * s.Count * Entry * (s.Count * Entry))
        * Stretches.Sum(s => s.Count * (s.Apart == 0 ? 1 : 2)) / 2 * samples;

    /// <summary>The same with patches.</summary>
    public long MultiplicationsOfPatches(long samples) => samples * Positions * (Columns * (Columns + 1) / 2);

    /// <summary>
    /// The plan of the fewest multiplications for a batch, copies and calls counted in; null where patches take fewer, and for
    /// convolutions that have none.
    /// </summary>
    public static PatchPlan? Cheapest(Convolution c, IReadOnlyList<long> shape)
    {
        var samples = shape[0];
        var best = All(c, shape).MinBy(p => p.Cost(samples));
        return best is null || best.Cost(samples) >= best.CostOfPatches(samples) ? null : best;
    }

    /// <summary>
    /// Plans for a batch whose products take no more than a million numbers or eight times the room of their result.
    /// </summary>
    public static IEnumerable<PatchPlan> All(Convolution c, IReadOnlyList<long> shape)
    {
        if (c.stride.Any(s => s != 1)) return [];
        var pads = LayerRows.Pads(c);
        if (c.padding_mode != PaddingModes.Zeros && pads.Any(p => p.Before + p.After > 0)) return [];
        var axes = pads.Select((p, i) => new PatchAxis(shape[i + 2], c.kernel_size[i], c.dilation[i], p.Before,
            shape[i + 2] + p.Before + p.After - c.dilation[i] * (c.kernel_size[i] - 1))).ToList();
        var across = axes.Count > 1 ? axes[1] : PatchAxis.None;
        return Widths(across.Positions)
            .Select(positions => new PatchPlan(axes[0], across, [.. axes.Skip(2)], shape[1], positions))
            .Where(p => p.Numbers <= Math.Max(AlwaysAllowed, TimesTheResult * p.Columns * p.Columns));
    }

    // The powers of two, and all positions.
    private static IEnumerable<long> Widths(long positions)
    {
        for (long width = 1; width < positions; width *= 2) yield return width;
        yield return positions;
    }

    private long PaddedEntry => Others.Aggregate(Channels, (n, axis) => n * axis.Padded);

    private static long Square(long n) => n * n;

    private long Cost(long samples) => Multiplications(samples) + ACopy * samples * Rows.Size * Across.Size * Entry
        + ACall * Stretches.Count * Strips.Sum(s => s.Starts.Count);

    private long CostOfPatches(long samples) => MultiplicationsOfPatches(samples) + ACopy * samples * Positions * Columns + ACall;
}
