using System.Globalization;
using System.Text;

namespace CurvatureStudy.Drawing;

/// <summary>The Markdown page.</summary>
internal sealed class Page(string arguments, string data, StudySettings settings)
{
    private readonly StringBuilder _text = new(string.Create(CultureInfo.InvariantCulture, $"""
        # The curvature of a network's loss during training

        A network of three convolutions and a linear layer, {settings.Images} images of the data set {data}, cross entropy;
        {settings.Steps} steps of SGD and of scale-amended SGD with batches of 64, no momentum, from the same weights. Everything
        is measured over all {settings.Images} images with `NetworkCurvature`.
        `dotnet run -c Release --project samples/Curvature{arguments}` drew this page; the numbers are in `readings.csv`,
        `layers.csv`, `densities.csv` and `surface-*.csv` beside it.

        """));

    public void Add(Picture picture) =>
        _text.Append(CultureInfo.InvariantCulture, $"\n## "
            + $"{picture.Title}\n\n![{picture.Title}]({picture.File})\n\n{picture.Sentence}\n");

    public void Save(string path) => File.WriteAllText(path, _text.ToString());
}
