using System.Text;
using LocalHessian.Tests.Cases;
using static TorchSharp.torch;

namespace LocalHessian.Tests.Zoo;

/// <summary>docs/networks.md: a row a network, a column an entry point.</summary>
public static class NetworksPage
{
    private const string Introduction = """
        # What works on which network

        Networks as others write them: those of TorchVision 0.107's classification models that a test affords (small images,
        random weights, training mode), and the kinds of network that people ask about, each with every entry point: two steps of
        `ScaleAmendedSGD` with closed-form and with measured (composite) scales, `BackMatchingPass.Run`, `NetworkReport.Of`,
        `BlockMonitor.Step`. "refused" is a typed exception, whose message is given; where the closed form is refused, the
        optimizer's message ends with the way out, measured scales (`ScalingOptions.Source = ScaleSource.Composite`).

        Blocks are the smallest pieces that no value bypasses. What a report leaves out, it names: Hessians whose Lanczos basis
        exceeds a limit (256 MiB here), those with respect to token numbers or to several inputs, operations without a second
        derivative.

        The table is written by

        ```bash
        LOCALHESSIAN_WRITE_DOCS=1 dotnet test tests/LocalHessian.Tests -c Release --filter "FullyQualifiedName~NetworksPageTests"
        ```

        and the same tests, without the variable, hold it to what happens (networks marked \* in the weekly slow suite).
        """;

    public static string Path { get; } = System.IO.Path.Combine(Repository.Root, "docs", "networks.md");

    private static string Header => $"| network | {string.Join(" | ", EntryPoints.All.Select(e => e.Name))} |";

    /// <summary>The row as it is on the page; null if there is none.</summary>
    public static string? Written(ZooNetwork network) =>
        File.Exists(Path) ? File.ReadLines(Path)
            .FirstOrDefault(l => l.StartsWith($"| {Label(network)} |", StringComparison.Ordinal)) : null;

    /// <summary>The row as it should be; each entry point may be used again, on the network that it has been used on.</summary>
    public static string Row(ZooNetwork network, Action<string, Func<string>, string>? again = null)
    {
        var cells = new List<string>();
        foreach (var (name, use) in EntryPoints.All)
        {
            using var scope = NewDisposeScope();
            var call = network.Build();
            using var owned = call.Network;
            cells.Add(use(call));
            again?.Invoke(name, () => use(call), cells[^1]);
        }

        return $"| {Label(network)} | {string.Join(" | ", cells)} |";
    }

    public static void Write(IEnumerable<string> rows)
    {
        var text = new StringBuilder(Introduction).AppendLine().AppendLine().AppendLine(Header)
            .AppendLine("|" + string.Concat(Enumerable.Repeat("---|", EntryPoints.All.Count + 1)));
        foreach (var row in rows) text.AppendLine(row);
        File.WriteAllText(Path, text.ToString());
    }

    private static string Label(ZooNetwork network) => network.Name + (network.IsLarge ? " \\*" : "");
}
