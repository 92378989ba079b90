using LocalHessian.Optim;
using LocalHessian.Tests.Cases;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace LocalHessian.Tests.Optim;

/// <summary>What a rule that is written outside the library gets for nothing.</summary>
public class RuleTests
{
    private static readonly ScaledSGDOptions Options = new() { LearningRate = 0.1, momentum = 0.9 };

    [Fact]
    public void A_rules_memory_and_settings_are_saved_loaded_and_compared()
    {
        using var scope = NewDisposeScope();
        using Module<Tensor, Tensor> model = OptimizerCases.Network(), twin = OptimizerCases.Network();
        using ScaledSGD one = new(new Halving(1), model, Options), two = new(new Halving(1), twin, Options),
            other = new(new Halving(2), twin, Options);
        OptimizerCases.Train(model, one, 0, 3);
        twin.load_state_dict(model.state_dict());
        StateFileTests.Load(two, OptimizerCases.Bytes(one));

        OptimizerCases.Train(model, one, 3, 2);
        OptimizerCases.Train(twin, two, 3, 2);

        foreach (var (a, b) in OptimizerCases.Values(model).Zip(OptimizerCases.Values(twin))) b.Should().Equal(a);
        other.Invoking(o => StateFileTests.Load(o, OptimizerCases.Bytes(one)))
            .Should().Throw<StateFileException>().WithMessage("*start = 1*has 2*");
    }

    [Fact]
    public void A_rules_bytes_that_are_too_few_or_too_many_are_refused_and_nothing_changes()
    {
        using var scope = NewDisposeScope();
        using var model = OptimizerCases.Network();
        using ScaledSGD plain = new(new Silent(), model, Options), chatty = new(new Silent { Written = 5 }, model, Options);
        var before = OptimizerCases.Bytes(plain);

        plain.Invoking(o => StateFileTests.Load(o, OptimizerCases.Bytes(chatty))).Should().Throw<StateFileException>()
            .WithMessage("*left 5*");
        using var greedy = new ScaledSGD(new Silent { Read = 3 }, model, Options);
        greedy.Invoking(o => StateFileTests.Load(o, before)).Should().Throw<StateFileException>();
        OptimizerCases.Bytes(plain).Should().Equal(before);
    }

    [Fact]
    public void A_rule_refuses_parameters_by_name_and_is_told_of_the_others_and_disposed()
    {
        using var scope = NewDisposeScope();
        using var model = Sequential(("layer", Linear(3, 2)));
        var rule = new Silent { Refused = "layer.bias" };
        FluentActions.Invoking(() => new ScaledSGD(rule, model, Options)).Should().Throw<ArgumentException>()
            .WithMessage("no 'layer.bias' here*");
        rule.Refused = null;

        using (new ScaledSGD(rule, model.named_parameters(), Options))
            rule.Parameters.Should().Equal(model.parameters().Select(p => p.Handle));

        rule.IsDisposed.Should().BeTrue();
    }

    [CpuFact]
    public void What_is_no_multiplier_each_is_refused_before_anything_moves()
    {
        using var scope = NewDisposeScope();
        using var model = Linear(3, 2);
        var before = model.weight.detach().clone();
        model.call(ones(1, 3)).sum().backward();
        foreach (var wrong in new[] { ones(2), ones(3, float64), ones(2, 1, float64), null })
        {
            using var optimizer = new ScaledSGD(new Silent { Returned = () => wrong! }, model, Options);
            optimizer.Invoking(o => o.step()).Should().Throw<InvalidOperationException>()
                .WithMessage("Silent returned*2 parameters*");
        }

        foreach (var wrong in new[] { double.NaN, double.PositiveInfinity, -1 })
        {
            using var optimizer = new ScaledSGD(new Silent { Returned = () => full(2, wrong, float64) }, model, Options);
            optimizer.Invoking(o => o.step()).Should().Throw<NonFiniteException>().WithMessage("*'weight'*");
        }

        model.weight.Equals(before).Should().BeTrue();
    }

    [Fact]
    public void Rules_that_do_not_work_layer_by_layer_see_all_updates_at_once_with_their_options()
    {
        using var scope = NewDisposeScope();
        using var weight = new Parameter(ones(1025, 1024));
        using var bias = new Parameter(ones(3));
        var seen = new List<int>();
        var rule = new Silent { Seen = u => seen.Add(u.Count) };
        using var optimizer = new ScaledSGD(rule, [weight, bias], Options with { weight_decay = 0.25 });
        foreach (var p in new[] { weight, bias }) p.grad = ones_like(p);

        optimizer.step();

        seen.Should().Equal(2);
        rule.Last!.Select(u => (u.Options.WeightDecay, u.Options.Momentum, u.Options.LearningRate)).Distinct()
            .Should().Equal((0.25, 0.9, 0.1));
    }

    /// <summary>Halves its multiplier at each step.</summary>
    private sealed class Halving(double start) : MultiplierRule
    {
        private readonly string _start = $"{start:0}";
        private double _next = start;

        public override IEnumerable<(string Name, string Value)> Settings => [("start", _start)];

        public override Tensor Multipliers(IReadOnlyList<ParameterUpdate> updates)
        {
            var result = full(updates.Count, _next, ScalarType.Float64);
            _next /= 2;
            return result;
        }

        public override void Save(BinaryWriter writer) => writer.Write(_next);

        public override Action Load(BinaryReader reader)
        {
            var next = reader.ReadDouble();
            return () => _next = next;
        }
    }

    private sealed class Silent : MultiplierRule
    {
        public int Written { get; init; }
        public int Read { get; init; }
        public string? Refused { get; set; }
        public Func<Tensor>? Returned { get; init; }
        public Action<IReadOnlyList<ParameterUpdate>>? Seen { get; init; }
        public List<IntPtr> Parameters { get; } = [];
        public bool IsDisposed { get; private set; }
        public IReadOnlyList<ParameterUpdate>? Last { get; private set; }

        public override Tensor Multipliers(IReadOnlyList<ParameterUpdate> updates)
        {
            Seen?.Invoke(updates);
            Last = updates;
            return Returned is null ? ones(updates.Count, ScalarType.Float64) : Returned();
        }

        public override string? WhyRefused(Parameter parameter, string name) => name == $"'{Refused}'" ? $"no {name} here" : null;
        public override void Added(IReadOnlyList<Parameter> parameters) => Parameters.AddRange(parameters.Select(p => p.Handle));
        public override void Save(BinaryWriter writer) => writer.Write(new byte[Written]);

        public override Action Load(BinaryReader reader)
        {
            for (var i = 0; i < Read; i++) reader.ReadByte();
            return () => { };
        }

        protected override void Dispose(bool disposing)
        {
            IsDisposed = true;
            base.Dispose(disposing);
        }
    }
}
