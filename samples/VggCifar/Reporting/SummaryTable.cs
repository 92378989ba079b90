using System.Globalization;
using Spectre.Console;
using VggCifar.Training;

namespace VggCifar.Reporting;

/// <summary>The table at the end, as the paper's Table 1: test accuracy in percent over the seeds, the whole grid.</summary>
internal static class SummaryTable
{
    public static readonly IReadOnlyList<string> Headings =
        ["optimizer", "rate", "decay", "schedule", "mean", "median", "min to max", "deviation", "best epoch", "train loss"];

    public static IReadOnlyList<string> Row(Summary cell)
    {
        var culture = CultureInfo.InvariantCulture;
        string Percent(double fraction) => (100 * fraction).ToString("f2", culture);
        return
        [
            OptimizerFactory.Title(cell.Spec.Optimizer), cell.Spec.Rate.ToString(culture), cell.Spec.WeightDecay.ToString(culture), cell.Spec.Schedule,
            Percent(cell.Mean), Percent(cell.Median), $"{Percent(cell.Least)} to {Percent(cell.Greatest)}", Percent(cell.Deviation),
            Percent(cell.BestEpoch), cell.Diverged > 0 ? $"{cell.Diverged} diverged" : cell.TrainLoss.ToString("f3", culture),
        ];
    }

    public static void Print(IAnsiConsole console, Settings settings, IReadOnlyList<Summary> cells)
    {
        var table = new Table().Border(TableBorder.Simple).Title(
            $"Test accuracy after {settings.Epochs} epochs, percent; {settings.Network} × {settings.Width.ToString(CultureInfo.InvariantCulture)}, "
            + $"{settings.Data}, {settings.Seeds.Count} seed{(settings.Seeds.Count == 1 ? "" : "s")}; the best of each optimizer in bold");
        for (var i = 0; i < Headings.Count; i++)
            table.AddColumn(new TableColumn(Headings[i]) { Alignment = i is 0 or 3 ? Justify.Left : Justify.Right, NoWrap = true });
        foreach (var cell in cells)
            table.AddRow([.. Row(cell).Select(text => cell.BestOfOptimizer ? $"[bold]{Markup.Escape(text)}[/]" : Markup.Escape(text))]);
        console.Write(table);
    }
}
