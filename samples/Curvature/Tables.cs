using System.Globalization;

namespace CurvatureStudy;

/// <summary>The numbers behind the pictures, as CSV.</summary>
internal static class Tables
{
    public static void Save(string folder, IReadOnlyList<Run> runs)
    {
        Write(Path.Combine(folder, "readings.csv"),
            "optimizer,rate,step,loss,accuracy,sharpness,amended_sharpness,trace,trace_error,gradient_share",
            runs.SelectMany(run => run.Readings.Select(r => Line(run.Name, run.Rate, r.Step, r.Loss, r.Accuracy, r.Sharpness,
                r.Amended, r.Trace, r.TraceError, r.Share))));
        Write(Path.Combine(folder, "layers.csv"), "optimizer,layer,mean_gauss_newton_eigenvalue,error,scale",
            runs.SelectMany(run => run.Layers.Select(l => Line(run.Name, l.Layer, l.MeanEigenvalue, l.Error, l.Scale))));
        Write(Path.Combine(folder, "densities.csv"), "optimizer,step,node,weight",
            runs.SelectMany(run => run.Densities.SelectMany((d, i) => d.Nodes.Zip(d.Weights, (node, weight) => Line(run.Name,
                run.Readings[i == 0 ? 0 : ^1].Step, node, weight)))));
    }

    public static void Save(string path, double[,] surface) => Write(path, "row,column,loss",
        Enumerable.Range(0, surface.GetLength(0)).SelectMany(r => Enumerable.Range(0, surface.GetLength(1)).Select(c => Line(r,
            c, surface[r, c]))));

    private static string Line(params object?[] values) =>
        string.Join(',', values.Select(v => v is double d ? d.ToString("G6", CultureInfo.InvariantCulture)
            : Convert.ToString(v, CultureInfo.InvariantCulture)));

    private static void Write(string path, string header, IEnumerable<string> lines) => File.WriteAllLines(path,
        lines.Prepend(header));
}
