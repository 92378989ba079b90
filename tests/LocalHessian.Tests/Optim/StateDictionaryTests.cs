using LocalHessian.Optim;
using LocalHessian.Tests.Cases;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace LocalHessian.Tests.Optim;

public class StateDictionaryTests
{
    [Fact]
    public void A_dictionary_of_other_shapes_or_groups_is_refused_and_nothing_changes()
    {
        using var scope = NewDisposeScope();
        using Module<Tensor, Tensor> model = OptimizerCases.Network(), other = OptimizerCases.Network();
        using var optimizer = OptimizerCases.Cases.First().Build(model);
        OptimizerCases.Train(model, optimizer, 0, 1);
        var before = OptimizerCases.Bytes(optimizer);
        var parameters = other.parameters().ToList();
        using var swapped = new SGD(parameters[..^2].Concat([parameters[^1], parameters[^2]]), 0.1, momentum: 0.9);
        using var fewer = new SGD(parameters.Skip(1), 0.1);
        using var adam = new Adam(parameters);
        using var same = new SGD(parameters, 0.3, momentum: 0.5);
        other.call(randn(4, 1, 2, 2, float64)).sum().backward();
        swapped.step();
        same.step();

        foreach (OptimizerHelper wrong in new OptimizerHelper[] { swapped, fewer, adam })
        {
            optimizer.Invoking(o => o.load_state_dict(wrong.state_dict())).Should().Throw<ArgumentException>();
            OptimizerCases.Bytes(optimizer).Should().Equal(before);
        }

        same.ParamGroups.First().LearningRate = double.NaN;
        optimizer.Invoking(o => o.load_state_dict(same.state_dict())).Should().Throw<ArgumentException>();
        OptimizerCases.Bytes(optimizer).Should().Equal(before);
        same.ParamGroups.First().LearningRate = 0.3;
        optimizer.load_state_dict(same.state_dict());
        optimizer.ParamGroups.Single().LearningRate.Should().Be(0.3);
        ((SGDState)optimizer.state_dict().State[0]).momentum_buffer!.Equals(parameters[0].grad!).Should().BeTrue();
    }

    [Fact]
    public void State_moves_to_no_device_on_which_it_would_be_lost()
    {
        using var model = OptimizerCases.Network();
        using var optimizer = OptimizerCases.Cases.First().Build(model);
        OptimizerCases.Train(model, optimizer, 0, 1);
        var before = OptimizerCases.Bytes(optimizer);

        optimizer.to(CPU);
        optimizer.Invoking(o => o.to(META)).Should().Throw<ArgumentException>();

        OptimizerCases.Bytes(optimizer).Should().Equal(before);
    }

    [Fact]
    public void Options_out_of_range_are_not_saved()
    {
        using var folder = new TemporaryFolder();
        using var model = OptimizerCases.Network();
        using var optimizer = OptimizerCases.Cases.First().Build(model);
        var path = folder.File("state.bin");
        optimizer.save_state_dict(path);
        var before = File.ReadAllBytes(path);
        optimizer.ParamGroups.Single().LearningRate = double.PositiveInfinity;

        optimizer.Invoking(o => o.save_state_dict(path)).Should().Throw<ArgumentException>();

        File.ReadAllBytes(path).Should().Equal(before);
    }

    [Fact]
    public void State_keeps_the_names_that_readers_of_PyTorchs_files_look_up()
    {
        typeof(SGDState).GetFields().Select(f => f.Name).Should().Equal("momentum_buffer");
        using var model = OptimizerCases.Network();
        using var optimizer = OptimizerCases.Cases.First().Build(model);
        optimizer.state_dict().Options.Should().AllBeOfType<SGD.Options>();
    }
}
