using LocalHessian.Blocks;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;
using Layer = TorchSharp.Modules.Linear;

namespace LocalHessian.Tests.Blocks;

/// <summary>A layer that runs without being registered is found where the module holds it, and named by that place.</summary>
public class UnregisteredLayerTests
{
    public static TheoryData<string, string> Places() => new()
    {
        { "field", "Holder.Held" },
        { "property", "Holder.Property" },
        { "field of the base class", "Holder.BaseHeld" },
        { "array", "Holder.Held[1]" },
        { "list", "Holder.Held[1]" },
        { "tuple", "Holder.Held.Item2" },
        { "dictionary", "Holder.Held[…]" },
        { "closure", "Holder.Held" },
        { "object of the user's", "Holder.Held.Inner" },
        { "list of tuples of objects", "Holder.Held[0].Item2.Inner" },
    };

    [Theory]
    [MemberData(nameof(Places))]
    public void It_is_found_and_named(string what, string place)
    {
        using var scope = NewDisposeScope();
        using var hidden = Linear(3, 3);
        using var network = new Holder(hidden, uses: true);
        Put(network, what, hidden);

        network.Invoking(n => NetworkStructure.Find(n, randn(4, 3))).Should().Throw<ArgumentException>()
            .WithMessage($"*not registered*{place}*").Which.ParamName.Should().Be("network");
    }

    [Theory]
    [MemberData(nameof(Places))]
    public void It_may_be_held_where_it_does_not_run_or_is_frozen(string what, string place)
    {
        using var scope = NewDisposeScope();
        using var hidden = Linear(3, 3);
        using var idle = new Holder(hidden, uses: false);
        Put(idle, what, hidden);
        idle.Invoking(n => NetworkStructure.Find(n, randn(4, 3))).Should().NotThrow(place);

        foreach (var p in hidden.parameters()) p.requires_grad = false;
        using var frozen = new Holder(hidden, uses: true);
        Put(frozen, what, hidden);
        frozen.Invoking(n => NetworkStructure.Find(n, randn(4, 3))).Should().NotThrow(place);
    }

    [Fact]
    public void What_holds_itself_is_searched_like_anything_else()
    {
        using var scope = NewDisposeScope();
        using var hidden = Linear(3, 3);
        using var network = new Holder(hidden, uses: true);
        var circle = new List<object>();
        circle.Add(circle);
        circle.Add(new Box { Inner = circle });
        network.Held = circle;

        network.Invoking(n => NetworkStructure.Find(n, randn(4, 3))).Should().NotThrow("nothing in the circle is a layer");

        circle.Add(hidden);
        network.Invoking(n => NetworkStructure.Find(n, randn(4, 3))).Should().Throw<ArgumentException>()
            .WithMessage("*not registered*Holder.Held[2]*");
    }

    private static void Put(Holder network, string what, Layer hidden)
    {
        network.Held = null;
        switch (what)
        {
            case "property": network.Property = hidden; break;
            case "field of the base class": network.BaseHeld = hidden; break;
            default:
                network.Held = what switch
                {
                    "field" => hidden,
                    "array" => new[] { null, hidden },
                    "list" => new List<object> { "text", hidden },
                    "tuple" => (1, hidden),
                    "dictionary" => new Dictionary<string, Layer> { ["a"] = hidden },
                    "closure" => (Func<Tensor, Tensor>)hidden.call,
                    "object of the user's" => new Box { Inner = hidden },
                    _ => new List<(int, Box)> { (1, new Box { Inner = hidden }) },
                };
                break;
        }
    }

    private sealed class Box
    {
        public object? Inner;
    }

    private abstract class HolderBase(string name) : Module<Tensor, Tensor>(name)
    {
        public object? BaseHeld;
    }

    private sealed class Holder : HolderBase
    {
        private readonly Layer _first = Linear(3, 3), _last = Linear(3, 2);
        private readonly bool _uses;
        public object? Held;

        public Holder(Layer hidden, bool uses) : base(nameof(Holder))
        {
            _uses = uses;
            register_module("first", _first);
            register_module("last", _last);
            Weight = new WeakReference<Layer>(hidden);
        }

        public object? Property { get; set; }

        // Runs the layer from where the search does not look, so that each case alone decides where it is held.
        private WeakReference<Layer> Weight { get; }

        public override Tensor forward(Tensor input)
        {
            var x = _first.call(input);
            if (_uses && Weight.TryGetTarget(out var hidden)) x = hidden.call(x);
            return _last.call(x);
        }
    }
}
