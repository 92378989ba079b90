using CsCheck;
using LocalHessian.Optim;
using LocalHessian.Tests.Cases;
using static TorchSharp.torch;

namespace LocalHessian.Tests.Optim;

/// <summary>State of any optimizer, damaged at random places, is refused, and one saved by version 1 is read for ever.</summary>
public class StateDamageTests
{
    [Theory]
    [MemberData(nameof(OptimizerCases.All), MemberType = typeof(OptimizerCases))]
    public void State_overwritten_shifted_or_cut_at_random_places_is_refused_and_nothing_changes(OptimizerCase kind)
    {
        using var folder = new TemporaryFolder();
        using var model = OptimizerCases.Network();
        using var optimizer = kind.Build(model);
        OptimizerCases.Train(model, optimizer, 0, 3);
        var saved = OptimizerCases.Bytes(optimizer);
        OptimizerCases.Train(model, optimizer, 3, 1);
        var now = OptimizerCases.Bytes(optimizer);
        var path = folder.File("state.bin");
        var live = LiveTensors.Count();

        Damage.Of(saved).Sample(broken =>
        {
            File.WriteAllBytes(path, broken);
            optimizer.Invoking(o => o.load_state_dict(path)).Should().Throw<StateFileException>();
        }, iter: 300, threads: 1);

        LiveTensors.Count().Should().Be(live);
        OptimizerCases.Bytes(optimizer).Should().Equal(now);
        File.WriteAllBytes(path, saved);
        optimizer.load_state_dict(path);
        OptimizerCases.Bytes(optimizer).Should().Equal(saved);
    }

    [Fact]
    public void State_that_version_1_wrote_is_read()
    {
        using var scope = NewDisposeScope();
        using var weight = new TorchSharp.Modules.Parameter(zeros(2));
        using var optimizer = new LSALR([weight], 0.1);

        StateFileTests.Load(optimizer, Convert.FromBase64String(Version1));

        var options = (TorchSharp.Modules.SGD.Options)optimizer.state_dict().Options[0];
        (options.LearningRate, options.momentum, options.dampening, options.weight_decay).Should().Be((0.25, 0.5, 0.125, 0.0625));
        ((SGDState)optimizer.state_dict().State[0]).momentum_buffer!.Host<float>().Should().Equal(3, -4);
    }

    private const string Version1 =
        "EkxvY2FsSGVzc2lhbi5TdGF0ZQEAAABlAAAAAAAAAFkAAAAFTFNBTFIAAAAAAQAAAAAAAAAAANA/AAAAAAAA0D8AAAAAAADgPwAAAAAAAMA/AA"
        + "AAAAAAsD8AAAEAAAAXb2Ygc2hhcGUgWzJdIGluIEZsb2F0MzIBAAAAAAAAQEAAAIDAa245qNA2/21S3cF//Fu45aMHSiQ3f7X/5rg4u5R99k4=";
}
