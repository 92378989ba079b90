using System.Globalization;
using System.Text;

namespace LocalHessian.Reporting;

/// <summary>A report as text: a line for each Hessian, columns aligned.</summary>
internal static class ReportTable
{
    private static readonly string[] Header =
        ["block", "in", "out", "of", "dim", "closed form", "tr/dim", "λ max", "λ min ≠ 0", "condition", "rank", "step", "line"];

    public static string Of(NetworkReport report)
    {
        var rows = new List<string[]> { Header };
        foreach (var b in report.Blocks)
        {
            rows.Add(Row(b.Name, Shape(b.InputShape.Skip(1)), Shape(b.OutputShape.Skip(1)), "z", b.InputScale, b.Input,
                b.InputEfficiency, withStep: true));
            if (b.WeightShapes.Count > 0)
                rows.Add(Row("", "", "", "W", b.WeightScale, b.Weight, b.WeightEfficiency, withStep: false));
        }

        var widths = Enumerable.Range(0, Header.Length).Select(i => rows.Max(r => r[i].Length)).ToArray();
        var text = new StringBuilder();
        text.AppendLine(CultureInfo.InvariantCulture,
            $"J = {Number(report.TrainingLoss)}, {report.Samples} samples; (…) bounds and estimates");
        foreach (var row in rows)
        {
            var cells = row.Select((c, i) => i is 0 or 3 ? c.PadRight(widths[i]) : c.PadLeft(widths[i]));
            text.AppendLine(string.Join("  ", cells).TrimEnd());
        }

        text.AppendLine(report.About);
        foreach (var left in report.NotExamined) text.AppendLine(CultureInfo.InvariantCulture, $"Not examined: {left}");
        return text.ToString();
    }

    private static string[] Row(
        string name, string input, string output, string of, double closed, HessianSummary? h, SignalEfficiency? e,
        bool withStep) =>
        h is null ? [name, input, output, of, .. Enumerable.Repeat("-", Header.Length - 4)] :
        [
            name, input, output, of, h.Dimension.ToString(CultureInfo.InvariantCulture), Number(closed),
            Sure(Number(h.MeanEigenvalue), h.MeanStandardError == 0), Number(h.Largest),
            Sure(Number(h.SmallestNonZero), h.Converged), Sure(Number(h.ConditionNumber), h.Converged),
            Sure(Math.Round(h.Rank).ToString(CultureInfo.InvariantCulture), h.RankStandardError == 0),
            e is null || !withStep ? "" : Share(e.Step, e.Converged), e is null ? "" : Share(e.LineSearch, e.Converged),
        ];

    private static string Number(double value) => double.IsNaN(value) ? "-" : value.ToString(
        Math.Abs(value) is >= 1e5 or < 1e-3 && value != 0 ? "0.0e+0" : "G4", CultureInfo.InvariantCulture);

    private static string Share(double value, bool sure) =>
        double.IsNaN(value) ? "-" : Sure(value.ToString("0.00", CultureInfo.InvariantCulture), sure);

    private static string Sure(string text, bool sure) => sure ? text : $"({text})";

    private static string Shape(IEnumerable<long> shape) => string.Join("×", shape);
}
