using System.Text.Json;
using ScottPlot.Plottables;
using VggCifar.Reporting;
using VggCifar.Training;

namespace VggCifar.Tests.Reporting;

/// <summary>The series of the pictures before they are drawn, against the runs they come from.</summary>
public class FigureTests
{
    [Fact]
    public void No_two_optimizers_share_a_place_among_the_colours() =>
        OptimizerFactory.Names.Select(Plots.Series).Should().OnlyHaveUniqueItems();

    [Fact]
    public void Training_loss_test_error_and_rates_are_those_of_the_runs()
    {
        var pictures = Figures.Of(Runs.Settings, Runs.All);

        pictures.Select(picture => picture.Name).Should().Equal("training-loss.png", "test-error.png", "rates.png");
        // Of each optimizer its best rate: SGD at 0.02, and the only one of scale-amended SGD.
        Series(0).Should().Equal("SGD, rate 0.02: 1 2.250, 2 1.500", "scale-amended SGD, rate 0.1: 1 2.250, 2 1.500");
        Series(1).Should().Equal("SGD, rate 0.02: 1 59.000, 2 60.000", "scale-amended SGD, rate 0.1: 1 100.000, 2 48.000");
        Series(2).Should().Equal("SGD: -1.699 40.000, -1.000 30.000", "scale-amended SGD: -1.000 52.000");
        var band = pictures[1].Plot.GetPlottables<FillY>().First().GetAxisLimits();
        (band.Left, band.Right, Math.Round(band.Bottom, 9), Math.Round(band.Top, 9)).Should()
            .Be((1, 2, 55, 64), "from the best to the worst seed of SGD at 0.02");
        pictures[0].Plot.Axes.Left.Label.Text.Should().Be("training loss");
        pictures[1].Plot.Axes.Left.Label.Text.Should().Be("test error, percent");

        List<string> Series(int picture) =>
            [.. pictures[picture].Plot.GetPlottables<Scatter>().Select(line => $"{line.LegendText}: {Points(line)}")];

        static string Points(Scatter line) => string.Join(", ", line.Data.GetScatterPoints()
            .Select(point => FormattableString.Invariant($"{Number(point.X)} {point.Y:f3}")));

        static string Number(double x) => x == Math.Round(x) && x > 0
            ? x.ToString("f0", System.Globalization.CultureInfo.InvariantCulture)
            : x.ToString("f3", System.Globalization.CultureInfo.InvariantCulture);
    }

    [Fact]
    public void The_picture_of_blocks_holds_every_finite_number_in_its_place_and_draws_where_there_is_none()
    {
        var values = new[,] { { 1, double.NaN, double.PositiveInfinity, 0 }, { 100, -5, 0.001, 10 } };
        using var plot = Blocks(false, [1, 2, 3, 40_000], values);
        var drawn = plot.GetPlottables<Heatmap>().Single();
        drawn.Intensities.Cast<double>().Should().Equal(0, double.NaN, double.NaN, double.NaN, 2, double.NaN, -3, 1);
        (drawn.ManualRange!.Value.Min, drawn.ManualRange.Value.Max).Should().Be((-3, 2));
        var bar = plot.Axes.GetPanels().OfType<ScottPlot.Panels.ColorBar>().Single();
        bar.Label.Should().Be("quantity");
        bar.Axis.TickGenerator.Should().BeOfType<VggCifar.Drawing.LogTicks>("its numbers are the quantity's own");
        plot.RenderInMemory(600, 400);
        plot.Axes.Bottom.TickGenerator.Ticks.Select(t => t.Label).Should().Equal("1", "2", "3", "40,000");
        using var aboutOne = Blocks(true, [1, 2, 3, 4], values);
        var range = aboutOne.GetPlottables<Heatmap>().Single().ManualRange!.Value;
        (range.Min, range.Max).Should().Be((-3, 3), "one has the middle colour");

        using var folder = new TemporaryFolder();
        foreach (var nothing in new[] { new double[2, 0], new[,] { { double.NaN }, { double.PositiveInfinity } } })
        {
            Plots.Save(
                Blocks(false, [.. Enumerable.Range(1, nothing.GetLength(1)).Select(i => (long)i)], nothing),
                folder.File("p.png"));
            Png.Size(folder.File("p.png")).Should().Be((1240, 800));
        }

        static ScottPlot.Plot Blocks(bool aboutOne, long[] steps, double[,] values) =>
            Plots.Blocks("title", "quantity", aboutOne, ["a", "b"], steps, values);
    }

    [Fact]
    public void A_table_of_blocks_reads_what_the_log_wrote_and_refuses_other_lines_by_number()
    {
        using var folder = new TemporaryFolder();
        var path = folder.File("blocks.csv");
        var log = new LocalHessian.Monitoring.CsvBlockLog(path);
        log.Write([new(5, "a,b", 1, 2, 3, 4, 5, 6, 7, 8, 9, 10), new(5, "say \"c\"", 1, double.NaN, 3, 4, 50, 6, 7, 8, 9, 10)]);
        log.Write([new(7, "a,b", 1, 2, 3, 4, 5.5, 6, 7, 8, 9, 10)]);

        var table = BlockTable.Read(path);

        table.Blocks.Should().Equal("a,b", "say \"c\"");
        table.Steps.Should().Equal(5, 7);
        table["multiplier"].Cast<double>().Should().Equal(5, 5.5, 50, double.NaN);
        table["measured_scale"].Cast<double>().Should().Equal(2, 2, double.NaN, double.NaN);
        table["loss_removed"][0, 1].Should().Be(10);
        foreach (var wrong in new[] { "x", "9,\"a\",1", "nine,\"a\",1,1,1,1,1,1,1,1,1,1", "9,\"a\",1,1,1,1,one,1,1,1,1,1" })
        {
            File.WriteAllLines(folder.File("wrong.csv"), [File.ReadAllLines(path)[0], File.ReadAllLines(path)[1], wrong]);
            FluentActions.Invoking(() => BlockTable.Read(folder.File("wrong.csv"))).Should().Throw<UserError>()
                .WithMessage("*wrong.csv': line 3 *");
        }
    }

    [Fact]
    public void The_JSON_holds_every_number_of_every_epoch_under_its_own_name()
    {
        using var json = JsonDocument.Parse(ResultsJson.Write(Runs.Settings, Runs.All));

        foreach (var (found, run) in json.RootElement.GetProperty("runs").EnumerateArray().Zip(Runs.All))
            foreach (var (epoch, record) in found.GetProperty("epochs").EnumerateArray().Zip(run.Epochs))
                foreach (var property in typeof(EpochRecord).GetProperties().Where(p => p.PropertyType == typeof(double)))
                    epoch.GetProperty(char.ToLowerInvariant(property.Name[0]) + property.Name[1..]).GetDouble().Should()
                        .Be((double)property.GetValue(record)!);
        json.RootElement.GetProperty("summary")[1].GetProperty("mean").GetDouble().Should().BeApproximately(0.40, 1e-15);
    }
}
