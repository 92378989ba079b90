using LocalHessian.Blocks;
using LocalHessian.Scaling;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace LocalHessian.Tests.Scaling;

/// <summary>MATH §7: from smoothed measurements to multipliers, number by number.</summary>
public class MeasuredMultipliersTests
{
    private const double Outputs = 10, Bound = 4;

    [Fact]
    public void The_first_measurement_is_taken_as_it_is_and_later_ones_are_smoothed()
    {
        var p = Weight(2, 3, square: 6);

        p.Smooth(8, 0.75);
        (p.Latest, p.Smoothed).Should().Be((8, 8));
        p.Smooth(4, 0.75);
        (p.Latest, p.Smoothed).Should().Be((4, 0.75 * 8 + 0.25 * 4));
        p.Smooth(4, 0);
        p.Smoothed.Should().Be(4);
    }

    [Fact]
    public void A_multiplier_is_the_overall_scale_over_the_measurement()
    {
        MeasuredParameter[] all = [Measured(0.5, square: 6), Measured(0.25, square: 6), Measured(1, square: 6)];

        Set(all, new() { Measurement = new() { Bound = 1e9 } });

        // Ratios h‖p‖²/D are 0.3, 0.15 and 0.6: their median is 0.3.
        Multipliers(all).Should().Equal(0.6, 1.2, 0.3);
    }

    [Fact]
    public void Of_an_even_number_the_overall_scale_is_the_geometric_mean_of_the_middle_two()
    {
        MeasuredParameter[] all = [Measured(1, 10), Measured(4, 10), Measured(9, 10), Measured(100, 10)];

        Set(all, new() { Measurement = new() { Bound = 1e9 } });

        all[0].Multiplier.Should().BeApproximately(6, 1e-12);
    }

    [Fact]
    public void What_is_zero_infinite_no_weight_or_below_its_floor_has_no_say_in_the_overall_scale()
    {
        MeasuredParameter[] all =
        [
            Measured(2, 10), Measured(0, 10), Measured(double.PositiveInfinity, 10), Measured(double.NaN, 10),
            Measured(50, 10, bias: true), Measured(70, 0.1, floor: 1),
        ];

        Set(all, new() { Measurement = new() { Bound = 1e9 } });

        all[0].Multiplier.Should().BeApproximately(1, 1e-12);
    }

    [Fact]
    public void With_measured_scale_the_multiplier_is_one_over_the_measurement()
    {
        MeasuredParameter[] all = [Measured(0.5, 6), Measured(0.25, 6)];

        Set(all, new() { Overall = OverallScale.Measured, Measurement = new() { Bound = 1e9 } });

        Multipliers(all).Should().Equal(2, 4);
    }

    [Fact]
    public void Unit_scale_divides_all_by_the_geometric_mean_of_2n_over_D_of_the_weights()
    {
        static MeasuredParameter[] Four() =>
            [Measured(0.5, 6), Measured(1, 6, rows: 8), Measured(1, 6, bias: true), Measured(2, 6)];
        MeasuredParameter[] paper = Four(), unit = Four();

        Set(paper, new() { Measurement = new() { Bound = 1e9 } });
        Set(unit, new() { Overall = OverallScale.Unit, Measurement = new() { Bound = 1e9 } });

        var constant = Math.Pow(2 * 2 / Outputs * (2 * 8 / Outputs) * (2 * 2 / Outputs), 1.0 / 3);
        for (var i = 0; i < 4; i++) unit[i].Multiplier.Should().BeApproximately(paper[i].Multiplier / constant, 1e-12);
    }

    [Theory]
    [InlineData(6, 2)] // ‖p‖² above its n rows: between n/D and ‖p‖²/D
    [InlineData(1, 2)] // below
    [InlineData(0, 2)]
    public void Multipliers_stay_within_the_bound_of_the_two_references(double square, long rows)
    {
        MeasuredParameter[] small = [Measured(1e-9, square)], large = [Measured(1e15, square)];
        MeasuredParameter[] none = [Measured(double.NaN, square)];
        var options = new ScalingOptions { Overall = OverallScale.Measured, Measurement = new() { Bound = Bound } };

        foreach (var all in new[] { small, large, none }) Set(all, options);

        var (low, high) = (Math.Min(square, rows) / Outputs, Math.Max(square, rows) / Outputs);
        small[0].Multiplier.Should().BeApproximately(high * Bound, 1e-12);
        large[0].Multiplier.Should().BeApproximately(low / Bound, 1e-12);
        none[0].Multiplier.Should().Be(high);
    }

    [Fact]
    public void The_weight_of_a_chains_block_is_bound_to_its_own_norm_and_one_that_starts_at_zero_to_its_floor()
    {
        MeasuredParameter ordinary = OfChain(), zero = OfChain();
        ordinary.Square = 6;
        zero.Square = 0;
        foreach (var p in new[] { ordinary, zero }) p.Smooth(1e9, 0);
        var options = new ScalingOptions { Overall = OverallScale.Measured, Measurement = new() { Bound = Bound } };

        Set([ordinary], options);
        Set([zero], options);

        ordinary.Multiplier.Should().BeApproximately(6 / Outputs / Bound, 1e-12);
        zero.Multiplier.Should().BeApproximately(0.5 * 2 / Outputs / Bound, 1e-12);
    }

    [Fact]
    public void A_bias_is_bound_to_its_number_of_entries()
    {
        MeasuredParameter[] all = [Measured(1e9, square: 100, bias: true)];

        Set(all, new() { Overall = OverallScale.Measured, Measurement = new() { Bound = Bound } });

        all[0].Multiplier.Should().BeApproximately(6 / Outputs / Bound, 1e-12);
    }

    [Fact]
    public void Without_a_bound_only_what_is_no_number_gets_the_reference()
    {
        MeasuredParameter[] all = [Measured(0.125, 6), Measured(0, 6), Measured(double.NaN, 6)];

        Set(all, new() { Overall = OverallScale.Measured, Measurement = new() { Bound = double.PositiveInfinity } });

        Multipliers(all).Should().Equal(8, 6 / Outputs, 6 / Outputs);
    }

    private static void Set(IReadOnlyList<MeasuredParameter> all, ScalingOptions options) =>
        MeasuredMultipliers.Set(all, Outputs, options);

    private static IEnumerable<double> Multipliers(IEnumerable<MeasuredParameter> all) =>
        all.Select(p => Math.Round(p.Multiplier, 12));

    private static MeasuredParameter Measured(double value, double square, bool bias = false, double floor = 0, long rows = 2)
    {
        var p = bias ? new(new("b", new Parameter(zeros(6))), null, floor) : Weight(rows, 3, square, floor);
        p.Square = square;
        p.Smooth(value, 0);
        return p;
    }

    private static MeasuredParameter Weight(long rows, long columns, double square, double floor = 0) =>
        new(new("w", new Parameter(zeros(rows, columns))), null, floor) { Square = square };

    private static MeasuredParameter OfChain()
    {
        var layer = nn.Linear(3, 2, hasBias: false);
        var block = BlockChain.Find(nn.Sequential(layer), ones(1, 3))[0];
        return new(new("w", layer.weight!), block, 0.5);
    }
}
