using ScottPlot;
using VggCifar.Drawing;
using VggCifar.Tests.Reporting;

namespace VggCifar.Tests.Drawing;

/// <summary>The style that all pictures share.</summary>
public class StyleTests
{
    [Theory]
    [InlineData(0, "0")]
    [InlineData(40_000, "40,000")]
    [InlineData(1_000_000, "1,000,000")]
    [InlineData(0.001, "0.001")]
    [InlineData(0.0001, "0.0001")]
    [InlineData(0.1 + 0.2, "0.3")]
    [InlineData(-2.5, "−2.5")]
    [InlineData(1e-7, "10⁻⁷")]
    [InlineData(-2e-5, "−2 × 10⁻⁵")]
    [InlineData(9.9999999, "10")]
    [InlineData(1.25e12, "1.25 × 10¹²")]
    public void Numbers_are_written_as_a_person_writes_them(double value, string text) => Numbers.Text(value).Should().Be(text);

    [Theory]
    [InlineData(4.139e4, "41,000")]
    [InlineData(5.576, "5.6")]
    [InlineData(0.0349, "0.035")]
    [InlineData(4.36e7, "44 million")]
    [InlineData(999_900, "1 million")]
    [InlineData(3.96e10, "4 × 10¹⁰")]
    public void Numbers_said_in_words_have_two_digits(double value, string text) => Numbers.About(value).Should().Be(text);

    [Fact]
    public void Ticks_of_a_logarithmic_axis_are_the_values_that_a_person_would_choose()
    {
        Labels(-2, 3).Should().Equal("0.01", "0.1", "1", "10", "100", "1,000");
        Labels(-0.8, 0.4).Should().Equal("0.2", "0.5", "1", "2");
        Labels(Math.Log10(12), Math.Log10(47)).Should().Equal("20", "30", "40");
        Labels(-16, 2).Should().Equal("10⁻¹⁵", "10⁻¹²", "10⁻⁹", "10⁻⁶", "0.001", "1");
        Labels(1, 1).Should().Equal("10");
        LogTicks.Of(-0.8, 0.4).Where(t => t.IsMajor).Select(t => Math.Pow(10, t.Position)).Should()
            .BeEquivalentTo([0.2, 0.5, 1, 2], o => o.Using<double>(c => c.Subject.Should().BeApproximately(c.Expectation, 1e-12))
                .WhenTypeIs<double>());

        static IEnumerable<string> Labels(double low, double high) =>
            LogTicks.Of(low, high).Where(t => t.IsMajor).Select(t => t.Label);
    }

    [Fact]
    public void A_sans_serif_font_is_chosen_and_another_or_none_is_said_in_a_word()
    {
        PlotFont.Choose(["Courier", "Arial", "dejavu sans"], "Times", any: true).Should().Be(("DejaVu Sans", null));
        PlotFont.Choose(["Courier", "Times"], "Times", any: true).Should()
            .Be(("Times", "The pictures are written in Times: no sans-serif font known to the program is installed."));
        PlotFont.Choose([], "", any: false).Should().Be(("", "The pictures have no text: no font is installed."));
    }

    [Fact]
    public void No_two_series_have_both_colour_and_line_style_in_common()
    {
        var looks = Enumerable.Range(0, 28).Select(i => (Style.Colour(i), Style.Pattern(i).Name)).ToList();
        looks.Should().OnlyHaveUniqueItems();
        looks.Take(4).Select(l => l.Name).Should().OnlyHaveUniqueItems();
        Enumerable.Range(0, 4).Select(Style.Shape).Should().OnlyHaveUniqueItems();
    }

    [Fact]
    public void A_legend_lies_where_there_is_nothing_else_below_the_picture()
    {
        Place([0, 10], [0, 10]).Should().Be(Alignment.UpperLeft);
        Place([0, 10], [10, 0]).Should().Be(Alignment.UpperRight);
        var (x, y) = (Enumerable.Range(0, 400).Select(i => (double)i).ToArray(), new double[400]);
        for (var i = 0; i < 400; i++) y[i] = i % 2;
        Place(x, y).Should().BeNull("lines cover all of the picture");

        static Alignment? Place(double[] x, double[] y)
        {
            using var plot = Style.Start("x", "y");
            Style.Line(plot, 0, "a line", x, y);
            LegendPlace.Find(plot, Style.Width, Style.Height);
            plot.Legend.IsVisible.Should().Be(plot.Axes.GetPanels().OfType<ScottPlot.Panels.LegendPanel>().Any() is false);
            return plot.Legend.IsVisible ? plot.Legend.Alignment : null;
        }
    }

    [Fact]
    public void A_legend_below_the_picture_takes_no_more_of_it_than_it_fills()
    {
        using var plot = Style.Start("x", "y");
        for (var k = 0; k < 9; k++)
            Style.Line(plot, k, "a line of many, this one the " + k, [.. Enumerable.Range(0, 50)],
                [.. Enumerable.Range(0, 50).Select(i => (double)(i % 2))]);
        LegendPlace.Find(plot, Style.Width, Style.Height);
        plot.ScaleFactor = Style.Scale;
        plot.RenderInMemory(Style.Width * Style.Scale, Style.Height * Style.Scale);

        var layout = plot.RenderManager.LastRender.Layout;
        (layout.DataRect.Height / layout.FigureRect.Height).Should().BeGreaterThan(0.35f);
    }

    [Fact]
    public void A_file_has_twice_the_pixels_of_the_drawing_alone_or_beside_another()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllBytes(folder.File("one.png"), Style.Png(Style.Start("x", "y"), 300, 200));
        File.WriteAllBytes(folder.File("two.png"), Style.Png([Style.Start("x", "y"), Style.Start("x", "y")], true, 300, 200));

        Png.Size(folder.File("one.png")).Should().Be((600, 400));
        Png.Size(folder.File("two.png")).Should().Be((1200, 400));
        using var two = SkiaSharp.SKBitmap.Decode(folder.File("two.png"));
        Enumerable.Range(0, 400).Should().OnlyContain(y => two.GetPixel(600 + y, y) == two.GetPixel(y, y), "both are alike");
        Enumerable.Range(0, 400).Should().Contain(y => two.GetPixel(900, y) != two.GetPixel(600, 0), "and not empty");
    }
}
