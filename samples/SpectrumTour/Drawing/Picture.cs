using ScottPlot;
using VggCifar.Drawing;

namespace SpectrumTour.Drawing;

/// <summary>A plot, the file it goes to, and one sentence that says what to see in it.</summary>
internal sealed record Picture(string File, string Title, string Sentence, Plot Plot)
{
    public void Save(string path)
    {
        Style.Title(Plot, Title);
        System.IO.File.WriteAllBytes(path, Style.Png(Plot));
    }
}
