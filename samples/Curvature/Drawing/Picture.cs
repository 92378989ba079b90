using ScottPlot;
using VggCifar.Drawing;

namespace CurvatureStudy.Drawing;

/// <summary>A plot, or several in one picture, the file it goes to, and what is to be seen in it.</summary>
internal sealed record Picture(string File, string Title, string Sentence, params Plot[] Plots)
{
    /// <summary>Whether several plots stand side by side, rather than one under another.</summary>
    public bool SideBySide { get; init; }

    public void Save(string folder)
    {
        if (Plots.Length == 1) Style.Title(Plots[0], Title);
        System.IO.File.WriteAllBytes(Path.Combine(folder, File), Plots.Length == 1
            ? Style.Png(Plots[0])
            : Style.Png(Plots, SideBySide, SideBySide ? 370 : Style.Width, SideBySide ? 330 : 340));
    }
}
