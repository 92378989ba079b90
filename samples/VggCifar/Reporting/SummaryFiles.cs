using System.Globalization;
using System.Text;
using LocalHessian.Internal;
using VggCifar.Training;

namespace VggCifar.Reporting;

/// <summary>The table of the whole grid as CSV and as Markdown.</summary>
internal static class SummaryFiles
{
    public const string Markdown = "summary.md";
    private const string Csv = "summary.csv";

    public static readonly IReadOnlyList<string> Names = [Csv, Markdown];

    public static void Write(RunFolder folder, IReadOnlyList<Summary> cells, IReadOnlyList<string> differences)
    {
        AtomicFile.WriteText(folder.In(Csv), ToCsv(cells));
        AtomicFile.WriteText(folder.In(Markdown), ToMarkdown(cells, differences));
    }

    public static string ToCsv(IEnumerable<Summary> cells)
    {
        var text = new StringBuilder(
            "optimizer,learning_rate,weight_decay,schedule,seeds,mean,median,least,greatest,deviation,best_epoch,train_loss,"
            + "diverged,best\n");
        foreach (var c in cells)
        {
            var deviation = double.IsNaN(c.Deviation) ? "" : c.Deviation.ToString(CultureInfo.InvariantCulture);
            text.Append(string.Create(CultureInfo.InvariantCulture,
                $"{c.Spec.Optimizer},{c.Spec.Rate},{c.Spec.WeightDecay},{c.Spec.Schedule},{c.Seeds},{c.Mean},{c.Median},"
                + $"{c.Least},{c.Greatest},{deviation},{c.BestEpoch},{c.TrainLoss},{c.Diverged},"
                + $"{(c.BestOfOptimizer ? 1 : 0)}\n"));
        }

        return text.ToString();
    }

    public static string ToMarkdown(IReadOnlyList<Summary> cells, IReadOnlyList<string> differences)
    {
        var (text, columns) = (new StringBuilder(), SummaryTable.Columns(cells));
        text.Append("| ").AppendJoin(" | ", columns.Select(i => SummaryTable.Heading(i, cells))).Append(" |\n|")
            .Insert(text.Length, "---|", columns.Count).Append('\n');
        foreach (var cell in cells)
        {
            var row = columns.Select(i => SummaryTable.Row(cell)[i]).Select(x => cell.BestOfOptimizer ? $"**{x}**" : x);
            text.Append("| ").AppendJoin(" | ", row).Append(" |\n");
        }

        foreach (var sentence in differences)
            text.Append('\n').Append(sentence).Append('\n');
        return text.ToString();
    }
}
