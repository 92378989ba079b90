using LocalHessian.Blocks;
using LocalHessian.Scaling;
using LocalHessian.Tests.Cases;
using static TorchSharp.torch;

namespace LocalHessian.Tests.Scaling;

public class TelescopingTests
{
    public static TheoryData<NetworkCase> Chains => Networks.ChainCases;

    [Theory]
    [MemberData(nameof(Chains))]
    public void The_walk_gives_the_squared_norm_over_the_number_of_outputs(NetworkCase network)
    {
        using var scope = NewDisposeScope();
        manual_seed(1);
        using var model = network.Build();
        var chain = BlockChain.Find(model, network.Example());
        var squares = chain.Select(b => b.Weight.square().sum().item<double>()).ToList();

        var scales = BackwardWalk.Run(chain, squares);

        for (var b = 0; b < chain.Count; b++)
            scales[b].Multiplier.Should()
                .BeApproximately(squares[b] / chain.OutputFeatures, 1e-12 * squares[b], $"of block {chain[b]}");
    }

    [Fact]
    public void The_scales_of_a_strided_pooled_convolution_are_those_worked_out_by_hand()
    {
        using var scope = NewDisposeScope();
        using var model = nn.Sequential(
            nn.Conv2d(3, 8, 3, stride: 2, padding: 1, bias: false), nn.MaxPool2d(2), nn.Flatten(),
            nn.Linear(8 * 4 * 4, 10, hasBias: false));
        var chain = BlockChain.Find(model, zeros(1, 3, 16, 16));

        var scales = BackwardWalk.Run(chain, [2.0, 5.0]);

        // Head: n = 10, m = 128, s = c = 1. Convolution: n = 8, m = 3, s = 4·4 after the pool, c = 256/16.
        scales[1].Should().Be(new BlockScales("3", 1, 10 / 5.0, 10 / 128.0, 1 / (10 / 5.0)));
        scales[0].Should().Be(new BlockScales("0", 10 / 128.0, 16 * 8 / 2.0, 8 / 3.0 / 16, 1 / (10 / 128.0) / (16 * 8 / 2.0)));
    }

    [Theory]
    [InlineData(PositionConvention.BlockOutput, 16, 16)]
    [InlineData(PositionConvention.LayerSharing, 64, 16)]
    [InlineData(PositionConvention.LayerOutput, 64, 4)]
    public void Conventions_differ_in_where_the_positions_are_read(PositionConvention convention, long s, double c)
    {
        using var scope = NewDisposeScope();
        using var model = nn.Sequential(nn.Conv2d(3, 8, 3, stride: 2, padding: 1), nn.MaxPool2d(2), nn.Flatten(),
            nn.Linear(128, 10));
        var block = BlockChain.Find(model, zeros(1, 3, 16, 16))[0];

        ClosedForm.Sharing(block, convention).Should().Be(s);
        ClosedForm.PositionRatio(block, convention).Should().Be(c);
        ClosedForm.WeightScale(block, 2, convention).Should().Be(s * 8 / 2.0);
        ClosedForm.InputScale(block, convention).Should().Be(8 / 3.0 / c);
    }

    [Fact]
    public void A_weight_of_zero_norm_poisons_nothing_below_and_counts_as_the_floor_unless_it_is_normalised()
    {
        using var scope = NewDisposeScope();
        using var model = nn.Sequential(nn.Linear(4, 6), nn.Linear(6, 5), nn.BatchNorm1d(5), nn.ReLU(), nn.Linear(5, 2));
        var chain = BlockChain.Find(model, zeros(1, 4));
        chain.Select(b => b.Normalised).Should().Equal(false, true, false);

        var scales = BackwardWalk.Run(chain, [0.1, 0.0, 0.0]);

        scales[2].Multiplier.Should().BeApproximately(ScalingOptions.DefaultFloor * 2 / 2, 1e-15);
        scales[1].Multiplier.Should().Be(0);
        scales[0].Multiplier.Should().BeApproximately(ScalingOptions.DefaultFloor * 6 / 2, 1e-15);
        BackwardWalk.Run(chain, [3.0, 4.0, 5.0])[0].Multiplier.Should().BeApproximately(3.0 / 2, 1e-15, "it is above the floor");
        BackwardWalk.Run(chain, [3.0, 4.0, 0.0], null, new ScalingOptions { Floor = 0 })[2].Multiplier.Should().Be(0);
    }

    [Fact]
    public void A_block_the_loss_does_not_reach_does_not_multiply()
    {
        using var scope = NewDisposeScope();
        using var model = nn.Sequential(nn.Linear(4, 6), nn.Linear(6, 5), nn.Linear(5, 2));
        var chain = BlockChain.Find(model, zeros(1, 4));

        var scales = BackwardWalk.Run(chain, [3.0, 7.0, 2.0], [true, true, false]);

        scales[2].Reached.Should().BeFalse();
        scales[1].BackwardFactor.Should().Be(1);
        scales[1].Multiplier.Should().BeApproximately(7.0 / 5, 1e-15);
        scales[0].Multiplier.Should().BeApproximately(3.0 / 5, 1e-15);
    }
}
