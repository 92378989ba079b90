using System.Globalization;
using System.Text.Json;
using VggCifar.Reporting;
using VggCifar.Training;

namespace VggCifar.Tests.Reporting;

public class SummaryTests
{
    [Fact]
    public void Mean_median_extremes_and_deviation_are_over_the_seeds()
    {
        var cell = Summary.Of(Runs.All)[1];

        cell.Spec.Should().Be(Runs.SlowSgd);
        cell.Seeds.Should().Be(3);
        cell.Mean.Should().BeApproximately(0.40, 1e-15);
        (cell.Median, cell.Least, cell.Greatest).Should().Be((0.40, 0.36, 0.44));
        cell.Deviation.Should().BeApproximately(0.04, 1e-15, "√((0² + 0.04² + 0.04²)/2)");
        cell.BestEpoch.Should().BeApproximately((0.45 + 0.44 + 0.37) / 3, 1e-15);
        cell.TrainLoss.Should().Be(1.5);
    }

    [Fact]
    public void The_median_of_an_even_number_of_seeds_is_the_mean_of_the_middle_two()
    {
        var cell = Summary.Of(
            [
                Runs.Run(Runs.Sa, 1, 0.1), Runs.Run(Runs.Sa, 2, 0.9), Runs.Run(Runs.Sa, 3, 0.3), Runs.Run(Runs.Sa, 4, 0.2),
            ]).Single();

        cell.Median.Should().Be(0.25);
        Summary.Of([Runs.Run(Runs.Sa, 1, 0.1)]).Single().Deviation.Should().Be(double.NaN, "one seed has none");
    }

    [Fact]
    public void The_best_of_each_optimizer_has_the_highest_mean()
    {
        Summary.Of(Runs.All).Where(cell => cell.BestOfOptimizer).Select(cell => cell.Spec).Should().Equal(Runs.SlowSgd, Runs.Sa);
    }

    [Fact]
    public void Differences_are_paired_by_seed()
    {
        var sentence = PairedDifferences.Of(Summary.Of(Runs.All), Runs.All).Single();

        // 10, 9 and 17 points: mean 12, deviation 4.3589; 4.303·4.3589/√3 = 10.829
        sentence.Should().Be("scale-amended SGD at 0.1 against SGD at 0.02: +12.00 ± 10.83 points (95 percent, 3 paired seeds)");
    }

    [Fact]
    public void One_or_two_seeds_show_what_there_is_and_no_more()
    {
        var one = Runs.All.Where(run => run.Name.Seed == 1).ToList();
        var two = Runs.All.Where(run => run.Name.Seed <= 2).ToList();

        Headings(one).Should().Be("optimizer, rate, decay, schedule, accuracy, best epoch, train loss");
        Headings(two).Should().Be("optimizer, rate, decay, schedule, mean, min to max, best epoch, train loss");
        Headings(Runs.All).Should().Be(string.Join(", ", SummaryTable.Headings));
        SummaryFiles.ToMarkdown(Summary.Of(one), []).Should().StartWith(
            "| optimizer | rate | decay | schedule | accuracy | best epoch | train loss |\n|---|---|---|---|---|---|---|\n| "
            + "SGD | 0.1 | 0.005 | plateau | 30.00 | 30.00 | 1.500 |\n");
        SummaryFiles.ToCsv(Summary.Of(one)).Split('\n')[1].Should().Be(
            "sgd,0.1,0.005,plateau,1,0.3,0.3,0.3,0.3,,0.3,1.5,0,0", "a deviation there is not");
        PairedDifferences.Of(Summary.Of(one), one).Should().Equal(
            "scale-amended SGD at 0.1 against SGD at 0.02: +10.00 points (one seed)");
        PairedDifferences.Of(Summary.Of(two), two).Should().Equal(
            "scale-amended SGD at 0.1 against SGD at 0.02: +10.00 and +9.00 points (two paired seeds)");

        static string Headings(IReadOnlyList<RunResult> runs)
        {
            var cells = Summary.Of(runs);
            return string.Join(", ", SummaryTable.Columns(cells).Select(i => SummaryTable.Heading(i, cells)));
        }
    }

    [Fact]
    public void Tables_and_files_have_decimals_with_a_point_in_a_language_with_a_comma()
    {
        var before = CultureInfo.CurrentCulture;
        CultureInfo.CurrentCulture = new CultureInfo("de-DE");
        try
        {
            var cells = Summary.Of(Runs.All);

            SummaryTable.Row(cells[1]).Should()
                .Equal("SGD", "0.02", "0.005", "plateau", "40.00", "40.00", "36.00 to 44.00", "4.00", "42.00", "1.500");
            SummaryFiles.ToCsv(cells).Split('\n')[3].Should().StartWith("sa,0.1,0.005,plateau,3,0.52").And.EndWith(",1.5,0,1");
            SummaryFiles.ToMarkdown(cells, ["A sentence."]).Should().Contain("| SGD | 0.1 | 0.005 |").And.Contain("**52.00**")
                .And.EndWith("\nA sentence.\n");
            EpochsCsv.Write(Runs.All).Split('\n')[2].Should().Be("sgd,0.1,0.005,plateau,1,2,0.05,1.5,0.25,1.75,0.3,1234.6,2.500");
            PairedDifferences.Of(cells, Runs.All).Single().Should().Contain("+12.00");
            Runs.Sgd.Id.Should().Be("sgd-lr0.1-wd0.005-plateau");
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
        }
    }

    [Fact]
    public void The_epochs_file_has_a_line_an_epoch_and_as_many_values_as_names()
    {
        var lines = EpochsCsv.Write(Runs.All).TrimEnd('\n').Split('\n');

        lines[0].Should().Be(EpochsCsv.Header);
        lines.Should().HaveCount(1 + 9 * 2);
        lines.Should().OnlyContain(line => line.Split(',').Length == 13);
        SummaryFiles.ToCsv(Summary.Of(Runs.All)).TrimEnd('\n').Split('\n').Should().HaveCount(4)
            .And.OnlyContain(line => line.Split(',').Length == 14);
    }

    [Fact]
    public void The_JSON_holds_settings_summary_and_every_epoch()
    {
        using var json = JsonDocument.Parse(ResultsJson.Write(Runs.Settings, Runs.All));
        var root = json.RootElement;

        root.GetProperty("settings").GetProperty("data").GetString().Should().Be("builtin10");
        root.GetProperty("summary").GetArrayLength().Should().Be(3);
        root.GetProperty("summary")[1].GetProperty("median").GetDouble().Should().Be(0.40);
        root.GetProperty("runs").GetArrayLength().Should().Be(9);
        var run = root.GetProperty("runs")[0];
        run.GetProperty("seed").GetInt64().Should().Be(1);
        run.GetProperty("spec").GetProperty("optimizer").GetString().Should().Be("sgd");
        run.GetProperty("epochs")[1].GetProperty("testAccuracy").GetDouble().Should().Be(0.30);
    }

    [Fact]
    public void A_run_that_diverged_is_counted_and_its_file_still_reads()
    {
        var runs = new[] { Runs.Run(Runs.Sgd, 1, 0.1, trainLoss: double.NaN), Runs.Run(Runs.Sgd, 2, 0.3) };
        var cell = Summary.Of(runs).Single();

        cell.Diverged.Should().Be(1);
        SummaryTable.Row(cell)[^1].Should().Be("1 diverged");
        JsonDocument.Parse(ResultsJson.Write(Runs.Settings, runs)).Dispose();
        EpochsCsv.Write(runs).Should().Contain(",NaN,");
    }
}
