using System.Globalization;
using LocalHessian.Internal;

namespace LocalHessian.Tests.Internal;

public class ProgressTests
{
    private readonly Recorder _seen = new();

    [Fact]
    public void Fractions_rise_and_those_of_a_part_are_fractions_of_its_stretch()
    {
        var whole = new Progress("whole", _seen, default);
        whole.At(0);
        var half = whole.Part("half", 0, 0.5);
        half.At(0.5);
        half.At(0.25); // not more than has been
        half.At(1);
        var rest = whole.Part(null, 0.5, 1);
        rest.At(0);
        rest.At(0.5);
        whole.At(1);
        _seen.Should().Equal(new("whole", 0), new("half", 0.25), new("half", 0.5), new("whole", 0.75), new("whole", 1));
    }

    [Fact]
    public void A_cancelled_call_stops_at_the_next_report_whoever_listens()
    {
        using var source = new CancellationTokenSource();
        var silent = new Progress("silent", null, source.Token);
        var part = silent.Part(null, 0, 1);
        part.At(0.5);
        source.Cancel();
        ((Action)(() => part.At(0.6))).Should().Throw<OperationCanceledException>().Which.CancellationToken
            .Should().Be(source.Token);
    }

    [Fact, Trait("Category", "Culture")]
    public void It_prints_whole_percent_in_any_culture()
    {
        var before = CultureInfo.CurrentCulture;
        try
        {
            CultureInfo.CurrentCulture = new CultureInfo("ar-SA");
            new OperationProgress("Lanczos", 0.2599).ToString().Should().Be("Lanczos: 25 %");
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
        }
    }

    private sealed class Recorder : List<OperationProgress>, IProgress<OperationProgress>
    {
        public void Report(OperationProgress value) => Add(value);
    }
}
