namespace LocalHessian;

/// <summary>
/// One dimension of a convolution of stride 1: its output at position q reads, at offset o, the entry
/// <c>u = q + dilation·o − before</c> of the map, and zero where there is none.
/// </summary>
/// <param name="Size">Entries of the map.</param>
/// <param name="Kernel">Offsets.</param>
/// <param name="Dilation">Entries from one offset to the next.</param>
/// <param name="Before">Zeros before the map.</param>
/// <param name="Positions">Positions of the output.</param>
internal sealed record PatchAxis(long Size, long Kernel, long Dilation, long Before, long Positions)
{
    /// <summary>A dimension that there is not.</summary>
    public static PatchAxis None { get; } = new(1, 1, 1, 0, 1);

    /// <summary>Entries that the windows of all positions span, with the zeros around the map.</summary>
    public long Padded => Window(Positions);

    /// <summary>Entries that the windows of so many neighbouring positions span.</summary>
    public long Window(long positions) => positions + Dilation * (Kernel - 1);

    /// <summary>
    /// The entries u that an offset reads at positions where another one, no smaller, reads an entry of the map too.
    /// </summary>
    public (long Start, long End) Common(long first, long second)
    {
        var start = Dilation * first - Before;
        return (Math.Max(0, start), Math.Min(Size - Dilation * (second - first), start + Positions));
    }

    /// <summary>
    /// Stretches of entries u, for each distance from u to what is multiplied with it: every <see cref="Common"/> consists of
    /// whole stretches of its distance.
    /// </summary>
    public IEnumerable<PatchStretch> Stretches()
    {
        for (long apart = 0; apart < Kernel; apart++)
        {
            var distance = apart;
            var all = Enumerable.Range(0, (int)(Kernel - apart)).Select(o => Common(o, o + distance))
                .Where(c => c.End > c.Start).ToList();
            var cuts = all.SelectMany(c => new[] { c.Start, c.End }).Distinct().Order().ToList();
            foreach (var (start, end) in cuts.Zip(cuts.Skip(1)))
                if (all.Exists(c => c.Start <= start && end <= c.End)) yield return new(apart, start, end - start);
        }
    }

    /// <summary>
    /// What neighbouring positions see of the map, a strip for each group of so many; strips alike but for their place are one.
    /// </summary>
    public IEnumerable<PatchStrip> Strips(long positions)
    {
        var strips = new List<(long Positions, long Skipped, long Count, long Start)>();
        for (long q = 0; q < Positions; q += positions)
        {
            var here = Math.Min(positions, Positions - q);
            var (start, end) = (Math.Max(0, q - Before), Math.Min(Size, q - Before + Window(here)));
            if (end > start) strips.Add((here, start - (q - Before), end - start, start));
        }

        return strips.GroupBy(s => (s.Positions, s.Skipped, s.Count))
            .Select(g => new PatchStrip(g.Key.Positions, g.Key.Skipped, g.Key.Count, [.. g.Select(s => s.Start)]));
    }
}

/// <summary>
/// Entries from <paramref name="Start"/> on, multiplied with those <paramref name="Apart"/> offsets further on.
/// </summary>
internal sealed record PatchStretch(long Apart, long Start, long Count);

/// <summary>Strips of the map that enter alike.</summary>
/// <param name="Positions">Positions whose windows one covers.</param>
/// <param name="Skipped">Zeros before the map in the first window.</param>
/// <param name="Count">Entries of the map.</param>
/// <param name="Starts">Where each begins.</param>
internal sealed record PatchStrip(long Positions, long Skipped, long Count, IReadOnlyList<long> Starts);
