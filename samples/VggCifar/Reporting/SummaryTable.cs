using System.Globalization;
using Spectre.Console;
using VggCifar.Training;

namespace VggCifar.Reporting;

/// <summary>The table at the end, as the paper's Table 1: test accuracy in percent over the seeds, the whole grid.</summary>
internal static class SummaryTable
{
    public static readonly IReadOnlyList<string> Headings =
        ["optimizer", "rate", "decay", "schedule", "mean", "median", "min to max", "deviation", "best epoch", "train loss"];

    private static readonly string[] LeastFirst = ["train loss", "best epoch", "deviation", "schedule", "decay"];

    /// <summary>
    /// The columns that say something of so many seeds: of one there is but its accuracy, of two no median beside the mean,
    /// and hardly a deviation.
    /// </summary>
    public static IReadOnlyList<int> Columns(IEnumerable<Summary> cells)
    {
        var seeds = cells.Select(cell => cell.Seeds).DefaultIfEmpty().Max();
        string[] empty = seeds switch { < 2 => ["median", "min to max", "deviation"], 2 => ["median", "deviation"], _ => [] };
        return [.. Enumerable.Range(0, Headings.Count).Where(i => !empty.Contains(Headings[i]))];
    }

    /// <summary>What heads a column of a table of these cells.</summary>
    public static string Heading(int column, IEnumerable<Summary> cells) =>
        Headings[column] == "mean" && cells.All(cell => cell.Seeds < 2) ? "accuracy" : Headings[column];

    public static IReadOnlyList<string> Row(Summary cell)
    {
        var culture = CultureInfo.InvariantCulture;
        string Percent(double fraction) => (100 * fraction).ToString("f2", culture);
        return
        [
            OptimizerFactory.Title(cell.Spec.Optimizer), cell.Spec.Rate.ToString(culture),
            cell.Spec.WeightDecay.ToString(culture), cell.Spec.Schedule,
            Percent(cell.Mean), Percent(cell.Median), $"{Percent(cell.Least)} to {Percent(cell.Greatest)}",
            Percent(cell.Deviation),
            Percent(cell.BestEpoch), cell.Diverged > 0 ? $"{cell.Diverged} diverged" : cell.TrainLoss.ToString("f3", culture),
        ];
    }

    /// <summary>
    /// Prints the table; where the terminal is too narrow for all of it, without the columns that matter least.
    /// </summary>
    public static void Print(IAnsiConsole console, Settings settings, IReadOnlyList<Summary> cells)
    {
        var rows = cells.Select(Row).ToList();
        var columns = Columns(cells);
        var shown = Shown(rows, columns, console.Profile.Width);
        var table = new Table().Border(TableBorder.Simple).Title(
            $"Test accuracy after {settings.Epochs} epoch{(settings.Epochs == 1 ? "" : "s")}, percent; {settings.Network} × "
            + $"{settings.Width.ToString(CultureInfo.InvariantCulture)}, {settings.Data}, {settings.Seeds.Count} "
            + $"seed{(settings.Seeds.Count == 1 ? "" : "s")}; the best of each optimizer in bold");
        foreach (var i in shown)
            table.AddColumn(
                new TableColumn(Heading(i, cells)) { Alignment = i is 0 or 3 ? Justify.Left : Justify.Right, NoWrap = i > 0 });
        foreach (var (cell, row) in cells.Zip(rows))
            table.AddRow(
                [.. shown.Select(i => cell.BestOfOptimizer ? $"[bold]{Markup.Escape(row[i])}[/]" : Markup.Escape(row[i]))]);
        if (shown.Count < columns.Count)
            table.Caption(
                $"also in {SummaryFiles.Markdown}: "
                + $"{string.Join(", ", columns.Except(shown).Select(i => Heading(i, cells)))}");
        console.Write(table);
    }

    private static List<int> Shown(List<IReadOnlyList<string>> rows, IReadOnlyList<int> columns, int width)
    {
        var shown = columns.ToList();
        // Three more a column for its padding and border.
        int Needed() => 1 + shown.Sum(i => 3 + Math.Max(Headings[i].Length, rows.Max(row => row[i].Length)));
        foreach (var heading in LeastFirst.TakeWhile(_ => Needed() > width))
            shown.Remove(Headings.ToList().IndexOf(heading));
        return shown;
    }
}
