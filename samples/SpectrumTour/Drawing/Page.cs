using System.Text;

namespace SpectrumTour.Drawing;

/// <summary>The Markdown page.</summary>
internal sealed class Page(string arguments, string data)
{
    private readonly StringBuilder _text = new($"""
        # The spectra of local Hessians in pictures

        Section 3 of H. Zhang, W. Chen and T.-Y. Liu, "On the Local Hessian in Back-propagation" (NeurIPS 2018), drawn from
        exact Hessians.
        `dotnet run -c Release --project samples/SpectrumTour{arguments}` drew this page; its last part with the data set {data}.

        """);

    public void Begin(string title) => _text.Append(System.Globalization.CultureInfo.InvariantCulture, $"\n## {title}\n");

    public void Add(Picture picture) => _text.Append(System.Globalization.CultureInfo.InvariantCulture,
        $"\n![{picture.Title}]({picture.File})\n\n{picture.Sentence}\n");

    public void Save(string path) => File.WriteAllText(path, _text.ToString());
}
