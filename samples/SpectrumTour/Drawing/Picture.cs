using ScottPlot;

namespace SpectrumTour.Drawing;

/// <summary>A plot, the file it goes to, and one sentence that says what to see in it.</summary>
internal sealed record Picture(string File, string Title, string Sentence, Plot Plot)
{
    public void Save(string path)
    {
        Plot.Title(Title);
        Plot.Font.Set(Fonts.Default);
        Plot.SavePng(path, 760, 440);
        Plot.Dispose();
    }
}
