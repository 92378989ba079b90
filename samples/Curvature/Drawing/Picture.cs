using ScottPlot;

namespace CurvatureStudy.Drawing;

/// <summary>A plot, or several side by side, the file it goes to, and what is to be seen in it.</summary>
internal sealed record Picture(string File, string Title, string Sentence, params Plot[] Plots)
{
    private const int Height = 440;

    public void Save(string folder)
    {
        foreach (var plot in Plots) plot.Font.Set(Fonts.Default);
        if (Plots.Length == 1)
        {
            Plots[0].Title(Title);
            Plots[0].SavePng(Path.Combine(folder, File), 760, Height);
        }
        else
        {
            var multiplot = new Multiplot();
            multiplot.RemovePlot(multiplot.GetPlot(0)); // it begins with an empty one
            foreach (var plot in Plots) multiplot.AddPlot(plot);
            multiplot.Layout = new ScottPlot.MultiplotLayouts.Columns();
            multiplot.SavePng(Path.Combine(folder, File), 480 * Plots.Length, Height);
        }

        foreach (var plot in Plots) plot.Dispose();
    }
}
