using SpectrumTour.Drawing;

namespace SpectrumTour.Chapters;

/// <summary>Some pictures on one subject.</summary>
internal interface IChapter
{
    string Title { get; }

    IEnumerable<Picture> Draw();
}
