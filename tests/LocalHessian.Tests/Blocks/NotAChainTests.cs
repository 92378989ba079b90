using LocalHessian.Blocks;
using LocalHessian.Tests.Cases;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace LocalHessian.Tests.Blocks;

public class NotAChainTests
{
    [Fact]
    public void A_skip_over_one_layer_is_named() =>
        Refused((l, x) => l[1].call(l[0].call(x).relu() + x),
            "*network's input*reaches 'b'*without passing through 'a'*skip connection*", Linear(4, 4), Linear(4, 2));

    [Fact]
    public void A_skip_over_two_layers_is_named() =>
        Refused((l, x) => { var h = l[0].call(x).relu(); return l[2].call(l[1].call(h).relu() + h); },
            "*output of 'a' reaches 'c'*without passing through 'b'*", Linear(4, 5), Linear(5, 5), Linear(5, 2));

    [Fact]
    public void A_skip_added_in_place_is_found() =>
        Refused((l, x) => { var h = l[0].call(x); return l[2].call(h.add_(l[1].call(h))); },
            "*output of 'a' reaches 'c'*without passing through 'b'*", Linear(4, 5), Linear(5, 5), Linear(5, 2));

    [Fact]
    public void A_skip_into_the_output_is_found() =>
        Refused((l, x) => { var h = l[0].call(x); return l[1].call(h) + h; }, "*output of 'a' reaches the network's output*",
            Linear(4, 5), Linear(5, 5));

    [Fact]
    public void A_gate_that_multiplies_is_a_branch_too() =>
        Refused((l, x) => l[2].call(l[0].call(x) * l[1].call(x).sigmoid()), "*reaches*without passing through*", Linear(4, 5),
            Linear(4, 5), Linear(5, 2));

    [Fact]
    public void A_dead_skip_is_found_because_a_path_counts_not_its_size() =>
        Refused((l, x) => l[1].call(l[0].call(x) + 0 * x), "*network's input*", Linear(4, 4), Linear(4, 2));

    [Fact]
    public void A_module_used_twice_is_named() =>
        Refused((l, x) => l[0].call(l[0].call(x).relu()), "*'a' runs 2 times*", Linear(4, 4));

    [Fact]
    public void A_layer_that_is_never_called_is_named() =>
        Refused((l, x) => l[0].call(x), "*did not call 'b'*", Linear(4, 4), Linear(4, 4));

    [Fact]
    public void A_layer_invoked_with_forward_is_named() =>
        Refused((l, x) => l[1].call(l[0].forward(x)), "*did not call 'a'*call(x)*", Linear(4, 4), Linear(4, 4));

    [Fact]
    public void A_detached_signal_is_named() =>
        Refused((l, x) => l[1].call(l[0].call(x).detach()), "*signal of 'a' does not reach 'b'*", Linear(4, 4), Linear(4, 4));

    [Fact]
    public void An_output_that_is_dropped_is_named() =>
        Refused((l, x) => { l[0].call(x); return l[1].call(x); }, "*network's input reaches 'b'*without passing through 'a'*",
            Linear(4, 4), Linear(4, 4));

    [Fact]
    public void Features_that_are_sliced_are_refused() =>
        Refused((l, x) => l[1].call(l[0].call(x)[.., ..3]), "*'a' has 4 outputs, but 3 features*", Linear(4, 4), Linear(3, 2));

    [Fact]
    public void A_tied_weight_is_named()
    {
        using var scope = NewDisposeScope();
        using TorchSharp.Modules.Linear a = Linear(4, 4), b = Linear(4, 4);
        b.weight = a.weight;
        using var model = new Lambda((l, x) => l[1].call(l[0].call(x)), ("a", a), ("b", b));

        model.Invoking(m => BlockChain.Find(m, zeros(1, 4))).Should().Throw<NotAChainException>().WithMessage("*'a', 'b'*tied*");
    }

    [Fact]
    public void A_parameter_without_a_rule_is_named_unless_it_is_declared_plain()
    {
        using var scope = NewDisposeScope();
        using var model = new Lambda((l, x) => l[0].call(x), ("a", Linear(4, 4)))
            .WithParameter("temperature", Parameter(ones(1)));

        model.Invoking(m => BlockChain.Find(m, zeros(1, 4))).Should().Throw<NotAChainException>()
            .WithMessage("*'temperature'*plain*");
        BlockChain.Find(model, zeros(1, 4), "temperature").PlainParameters.Should().ContainSingle();
    }

    [Fact]
    public void A_norm_before_the_first_layer_belongs_to_no_block()
    {
        using var scope = NewDisposeScope();
        using var model = Sequential(("norm", LayerNorm(4)), ("a", Linear(4, 4)));

        model.Invoking(m => BlockChain.Find(m, zeros(1, 4))).Should().Throw<NotAChainException>()
            .WithMessage("*'norm.weight', 'norm.bias'*");
    }

    [Fact]
    public void A_network_without_weight_layers_is_refused()
    {
        using var model = ReLU();
        model.Invoking(m => BlockChain.Find(m, zeros(1, 4))).Should().Throw<NotAChainException>()
            .WithMessage("*no linear layer*");
    }

    [Fact]
    public void Wrong_arguments_are_told()
    {
        using var scope = NewDisposeScope();
        using var model = Sequential(("a", Linear(4, 4)));

        model.Invoking(m => BlockChain.Find(m, zeros(4))).Should().Throw<ArgumentException>().WithMessage("*shape [4]*batch*");
        model.Invoking(m => BlockChain.Find(m, zeros(0, 4))).Should().Throw<ArgumentException>()
            .WithMessage("*at least one sample*");
        model.Invoking(m => BlockChain.Find(m, zeros(1, 4), "b")).Should().Throw<ArgumentException>().WithMessage("*'b'*");
        model.Invoking(m => BlockChain.Find(m, zeros(1, 4), "a")).Should().Throw<ArgumentException>()
            .WithMessage("*'a' begins a block*");
        model.Invoking(m => BlockChain.Find(m, null!)).Should().Throw<ArgumentNullException>();
    }

    private static void Refused(Func<Module<Tensor, Tensor>[], Tensor, Tensor> forward, string message, params Module<Tensor,
        Tensor>[] layers)
    {
        using var scope = NewDisposeScope();
        using var model = new Lambda(forward, [.. layers.Select((l, i) => ($"{(char)('a' + i)}", l))]);
        model.Invoking(m => BlockChain.Find(m, randn(2, 4))).Should().Throw<NotAChainException>().WithMessage(message);
    }
}
