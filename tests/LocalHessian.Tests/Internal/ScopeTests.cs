using LocalHessian.Internal;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace LocalHessian.Tests.Internal;

/// <summary>What scopes change of a network and of the process, and that they put it back.</summary>
public class ScopeTests
{
    [Fact]
    public void Frozen_leaves_take_part_until_the_scope_ends_and_others_are_left_alone()
    {
        using var scope = NewDisposeScope();
        Tensor frozen = zeros(1), free = zeros(1, requires_grad: true);

        using (new RequiresGradScope([frozen, free]))
            (frozen.requires_grad, free.requires_grad).Should().Be((true, true));
        (frozen.requires_grad, free.requires_grad).Should().Be((false, true));
        using (new RequiresGradScope([frozen, free], taken: false))
            (frozen.requires_grad, free.requires_grad).Should().Be((false, false));
        (frozen.requires_grad, free.requires_grad).Should().Be((false, true));
    }

    [Fact]
    public void Parameters_that_are_not_chosen_stay_out_of_the_graph_until_the_scope_ends()
    {
        using var network = nn.Linear(2, 2);

        using (RequiresGradScope.Without(network, [network.weight!]))
            (network.weight!.requires_grad, network.bias!.requires_grad).Should().Be((true, false));
        network.bias.requires_grad.Should().BeTrue();
    }

    [Fact]
    public void A_snapshot_puts_back_modes_buffers_and_the_random_state()
    {
        using var scope = NewDisposeScope();
        using var norm = nn.BatchNorm1d(2);
        using var dropout = nn.Dropout(0.5);
        using var network = nn.Sequential(norm, dropout);
        dropout.eval();
        var mean = norm.running_mean!.clone();
        manual_seed(3);

        using (new NetworkSnapshot(network))
        {
            network.train();
            network.call(randn(4, 2));
            norm.running_mean!.Equals(mean).Should().BeFalse();
        }

        norm.running_mean!.Equals(mean).Should().BeTrue();
        (network.training, norm.training, dropout.training).Should().Be((true, true, false));
        var next = rand(3);
        manual_seed(3);
        next.Equals(rand(3)).Should().BeTrue();
    }

    [Fact]
    public void A_buffer_that_has_not_moved_is_not_written_so_that_a_kept_graph_stays_good()
    {
        using var scope = NewDisposeScope();
        using var norm = nn.BatchNorm1d(2);
        norm.eval();
        var x = randn(4, 2, requires_grad: true);
        var y = norm.call(x).square().sum();

        new NetworkSnapshot(norm).Dispose();

        ((Action)(() => y.backward())).Should().NotThrow();
    }

    [Fact]
    public void A_snapshot_may_evaluate_and_frees_its_copies()
    {
        using var network = nn.Sequential(nn.BatchNorm1d(2));
        var before = Cases.LiveTensors.Count();

        using (new NetworkSnapshot(network).Evaluating()) network.training.Should().BeFalse();

        network.training.Should().BeTrue();
        Cases.LiveTensors.Count().Should().Be(before);
    }

    [Fact]
    public void Held_statistics_do_not_move_in_training_mode_and_move_again_afterwards()
    {
        using var scope = NewDisposeScope();
        using var batch = nn.BatchNorm1d(2);
        using var instance = nn.InstanceNorm1d(2, track_running_stats: true);
        using var network = nn.Sequential(batch, instance);
        Tensor x = randn(4, 2, 3) + 5, before = instance.running_mean!.clone();

        using (new HeldStatistics(network))
        {
            batch.call(x);
            instance.call(x);
        }

        batch.running_mean!.Equals(zeros(2)).Should().BeTrue();
        instance.running_mean!.Equals(before).Should().BeTrue();
        batch.call(x);
        instance.call(x);
        batch.running_mean!.Equals(zeros(2)).Should().BeFalse();
        instance.running_mean!.Equals(before).Should().BeFalse();
    }

    [Fact]
    public void Flash_attention_is_forbidden_while_any_scope_is_open_and_left_as_it_was()
    {
        var before = backends.cuda.flash_sdp_enabled();
        try
        {
            foreach (var allowed in new[] { true, false })
            {
                backends.cuda.enable_flash_sdp(allowed);
                using (new SecondDerivativeScope())
                {
                    using (new SecondDerivativeScope()) backends.cuda.flash_sdp_enabled().Should().BeFalse();
                    backends.cuda.flash_sdp_enabled().Should().BeFalse();
                }

                backends.cuda.flash_sdp_enabled().Should().Be(allowed);
            }
        }
        finally
        {
            backends.cuda.enable_flash_sdp(before);
        }
    }

    [Fact]
    public void A_recording_has_gradients_and_is_refused_where_there_can_be_none()
    {
        using (no_grad())
        {
            using (new RecordingScope()) is_grad_enabled().Should().BeTrue();
            is_grad_enabled().Should().BeFalse();
        }

        using (inference_mode())
            ((Action)(() => new RecordingScope().Dispose())).Should().Throw<InvalidOperationException>()
                .WithMessage("*inference_mode*");
    }

    [Fact]
    public void Names_are_those_of_the_tree_and_a_module_takes_no_parameter_that_only_begins_like_it()
    {
        using var inner = nn.Sequential(("conv1", nn.Linear(1, 1)), ("conv10", nn.Linear(1, 1)));

        NetworkParts.Modules(inner).Select(m => m.Name).Should().Equal("", "conv1", "conv10");
        NetworkParts.ModuleOf("a.b.weight").Should().Be("a.b");
        NetworkParts.ModuleOf("weight").Should().BeEmpty();
        NetworkParts.IsWithin("conv1.weight", "conv1").Should().BeTrue();
        NetworkParts.IsWithin("conv10.weight", "conv1").Should().BeFalse();
        NetworkParts.IsWithin("conv1.weight", "conv1.weight").Should().BeTrue();
        NetworkParts.IsWithin("conv1.weight", "").Should().BeTrue();
    }

    [Fact]
    public void A_tied_parameter_and_a_module_used_twice_are_listed_once()
    {
        using var layer = nn.Linear(2, 2);
        using var network = nn.Sequential(("first", layer), ("again", layer));

        NetworkParts.Parameters(network).Select(p => p.Name).Should().Equal("first.weight", "first.bias");
        NetworkParts.Modules(network).Select(m => m.Name).Should().Equal("", "first");
    }
}
