using LocalHessian.Optim;
using LocalHessian.Tests.Cases;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace LocalHessian.Tests.Optim;

/// <summary>What people do to groups by hand.</summary>
public class GroupTests
{
    [Fact]
    public void A_parameter_put_into_a_second_group_by_hand_is_refused_before_anything_moves()
    {
        using var scope = NewDisposeScope();
        using Parameter p = new(ones(2, 2)), q = new(ones(3, 2));
        using var optimizer = new LARS([new SGD.ParamGroup { Parameters = [p] }, new SGD.ParamGroup { Parameters = [q] }], 0.1);
        foreach (var parameter in new[] { p, q }) parameter.grad = ones_like(parameter);
        ((SGD.ParamGroup)optimizer.ParamGroups.Last()).Parameters = [q, p];

        optimizer.Invoking(o => o.step()).Should().Throw<InvalidOperationException>()
            .WithMessage("*[2, 2] is in two groups*add_param_group*");

        p.Equals(ones(2, 2)).Should().BeTrue();
        ((SGD.ParamGroup)optimizer.ParamGroups.Last()).Parameters = [q, q];
        optimizer.Invoking(o => o.step()).Should().Throw<InvalidOperationException>().WithMessage("*[3, 2] is in two groups*");
        ((SGD.ParamGroup)optimizer.ParamGroups.Last()).Parameters = [q];
        optimizer.step();
    }

    [Fact]
    public void Parameters_set_to_null_are_refused_by_every_method_in_words()
    {
        using var scope = NewDisposeScope();
        using var p = new Parameter(ones(2, 2));
        using var optimizer = new LSALR([p], 0.1);
        ((SGD.ParamGroup)optimizer.ParamGroups.Single()).Parameters = null!;

        foreach (var action in new Action[]
                 {
                     () => optimizer.step(), optimizer.zero_grad, () => optimizer.state_dict(), () =>
                         OptimizerCases.Bytes(optimizer),
                     () => optimizer.add_param_group(new SGD.ParamGroup { Parameters = [new Parameter(ones(3))] }),
                 })
            action.Should().Throw<InvalidOperationException>().WithMessage("*parameters of a group have been set to null*");
    }

    [Fact]
    public void Momentum_set_on_the_optimizer_reaches_every_group_or_none()
    {
        using var scope = NewDisposeScope();
        using Parameter p = new(ones(2)), q = new(ones(3));
        using var optimizer = new LSALR(
            [new SGD.ParamGroup { Parameters = [p] },
                new SGD.ParamGroup { Parameters = [q], Options = new SGD.Options { momentum = 0.5, nesterov = true } }],
            1, momentum: 0.9);

        optimizer.Momentum = 0.25;

        optimizer.ParamGroups.Select(g => ((SGD.ParamGroup)g).Options.momentum).Should().Equal(0.25, 0.25);
        p.grad = ones(2);
        optimizer.step();
        optimizer.step();
        p.Equals(ones(2) - 1 - 1.25).Should().BeTrue();
        optimizer.Invoking(o => o.Momentum = 0).Should().Throw<ArgumentException>().WithMessage("*Nesterov*");
        optimizer.ParamGroups.Select(g => ((SGD.ParamGroup)g).Options.momentum).Should().Equal(0.25, 0.25);
        optimizer.Momentum.Should().Be(0.25);
    }

    [Fact]
    public void TorchSharps_constructor_of_a_group_sets_every_option_and_the_initializer_leaves_them_to_the_optimizer()
    {
        using var scope = NewDisposeScope();
        using Parameter p = new(ones(2)), q = new(ones(3));
        using var optimizer = new LSALR([new SGD.ParamGroup { Parameters = [p] }, new SGD.ParamGroup([q])], 0.5, momentum: 0.9,
            weight_decay: 0.1);

        optimizer.ParamGroups.Select(g => g.LearningRate).Should().Equal(0.5, 1e-3);
        optimizer.ParamGroups.Select(g => ((SGD.ParamGroup)g).Options.weight_decay).Should().Equal(0.1, 0);
    }

    [Fact]
    public void LARS_and_LSALR_of_a_network_or_named_parameters_name_them_in_errors()
    {
        using var scope = NewDisposeScope();
        using var model = Sequential(("layer", Linear(3, 2)));
        foreach (var build in new Func<ScaledSGD>[]
                 {
                     () => new LARS(model, 0.1), () => new LSALR(model, 0.1),
                     () => new LARS(model.named_parameters(), 0.1), () => new LSALR(model.named_parameters(), 0.1),
                 })
        {
            using var optimizer = build();
            var weight = model.parameters().First();
            weight.grad = full(2, 3, double.NaN);
            optimizer.NonFiniteGradients = NonFiniteGradients.Throw;
            optimizer.Invoking(o => o.step()).Should().Throw<NonFiniteException>().WithMessage("*'layer.weight'*");
        }

        using var tied = new Lambda((l, x) => l[1].call(l[0].call(x)), ("a", model), ("b", model));
        using var once = new LARS(tied, 0.1);
        once.parameters().Should().HaveCount(2);
    }

    [Fact]
    public void A_step_while_another_is_in_progress_is_refused_and_the_optimizer_goes_on()
    {
        using var scope = NewDisposeScope();
        using var p = new Parameter(ones(2, 2));
        using var optimizer = new LARS([p], 0.1);
        p.grad = ones_like(p);
        using ManualResetEventSlim entered = new(), leave = new();
        var first = new Thread(() => optimizer.step(() =>
        {
            entered.Set();
            leave.Wait();
            return ones(1);
        }));
        first.Start();
        entered.Wait();

        optimizer.Invoking(o => o.step()).Should().Throw<InvalidOperationException>()
            .WithMessage("*in progress*not thread-safe*");
        optimizer.Invoking(o => o.load_state_dict(o.state_dict())).Should().Throw<InvalidOperationException>()
            .WithMessage("*in progress*");

        leave.Set();
        first.Join();
        optimizer.step();
        optimizer.Invoking(o => o.step(() => throw new TimeoutException())).Should().Throw<TimeoutException>();
        optimizer.step();
    }
}
