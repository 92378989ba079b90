using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace LocalHessian.Tests.Zoo;

/// <summary>The pattern that TorchSharp's maintainers recommend.</summary>
public sealed class Scoped : Module<Tensor, Tensor>
{
    private readonly Module<Tensor, Tensor> _a, _b;

    public Scoped() : base(nameof(Scoped))
    {
        (_a, _b) = (Linear(6, 5), Linear(5, 3));
        RegisterComponents();
    }

    public override Tensor forward(Tensor x)
    {
        using var scope = NewDisposeScope();
        return _b.call(functional.relu(_a.call(x))).MoveToOuterDisposeScope();
    }
}

/// <summary>Embedding, attention and perceptron with skips, and the embedding again as the head.</summary>
public sealed class TokenTransformer : Module<Tensor, Tensor>
{
    private readonly Embedding _embedding;
    private readonly Parameter _positions;
    private readonly ModuleList<Attention> _layers;
    private readonly LayerNorm _norm;

    public TokenTransformer(long words, long width, long length) : base(nameof(TokenTransformer))
    {
        _embedding = Embedding(words, width);
        _positions = new Parameter(0.1 * randn(length, width));
        _layers = ModuleList(new Attention(width), new Attention(width));
        _norm = LayerNorm(width);
        RegisterComponents();
    }

    public override Tensor forward(Tensor tokens)
    {
        using var scope = NewDisposeScope();
        var x = _embedding.call(tokens) + _positions;
        foreach (var layer in _layers) x = layer.call(x);
        return _norm.call(x).mean([1]).matmul(_embedding.weight!.t()).MoveToOuterDisposeScope();
    }
}

/// <summary>Scaled dot-product attention by libtorch's own function, which on the CPU takes flash kernels too.</summary>
public sealed class Attention : Module<Tensor, Tensor>
{
    private readonly LayerNorm _norm1, _norm2;
    private readonly Linear _mix, _out;
    private readonly Module<Tensor, Tensor> _mlp;

    public Attention(long width) : base(nameof(Attention))
    {
        (_norm1, _norm2) = (LayerNorm(width), LayerNorm(width));
        (_mix, _out) = (Linear(width, 3 * width), Linear(width, width));
        _mlp = Sequential(Linear(width, 2 * width), GELU(), Linear(2 * width, width));
        RegisterComponents();
    }

    public override Tensor forward(Tensor x)
    {
        var parts = _mix.call(_norm1.call(x)).unsqueeze(1).chunk(3, -1);
        x = x + _out.call(functional.scaled_dot_product_attention(parts[0], parts[1], parts[2], is_casual: true).squeeze(1));
        return x + _mlp.call(_norm2.call(x));
    }
}

/// <summary>A sequence of vectors through a GRU; the last state is classified.</summary>
public sealed class GruClassifier : Module<Tensor, Tensor>
{
    private readonly GRU _gru;
    private readonly Linear _head;

    public GruClassifier(long features, long width, long classes) : base(nameof(GruClassifier))
    {
        _gru = GRU(features, width, batchFirst: true);
        _head = Linear(width, classes);
        RegisterComponents();
    }

    public override Tensor forward(Tensor x) => _head.call(_gru.call(x).Item1.select(1, -1));
}

/// <summary>Down and up again, with skips by concatenation.</summary>
public sealed class UNet : Module<Tensor, Tensor>
{
    private readonly Module<Tensor, Tensor> _enter, _down, _bottom, _up, _leave, _out;

    public UNet() : base(nameof(UNet))
    {
        _enter = Sequential(Conv2d(1, 4, 3, padding: 1), BatchNorm2d(4), ReLU());
        _down = Sequential(MaxPool2d(2), Conv2d(4, 8, 3, padding: 1), ReLU());
        _bottom = Sequential(MaxPool2d(2), Conv2d(8, 8, 3, padding: 1), ReLU(), ConvTranspose2d(8, 8, 2, stride: 2));
        _up = Sequential(Conv2d(16, 8, 3, padding: 1), ReLU(), ConvTranspose2d(8, 4, 2, stride: 2));
        _leave = Sequential(Conv2d(8, 4, 3, padding: 1), ReLU());
        _out = Conv2d(4, 2, 1);
        RegisterComponents();
    }

    public override Tensor forward(Tensor x)
    {
        var first = _enter.call(x);
        var second = _down.call(first);
        var up = _up.call(cat([_bottom.call(second), second], 1));
        return _out.call(_leave.call(cat([up, first], 1)));
    }
}

/// <summary>Perceptrons over tokens and over channels in turn, with skips.</summary>
public sealed class Mixer : Module<Tensor, Tensor>
{
    private readonly Module<Tensor, Tensor> _tokens, _channels, _head;

    public Mixer(long tokens, long width, long classes) : base(nameof(Mixer))
    {
        _tokens = Sequential(Linear(tokens, 2 * tokens), GELU(), Linear(2 * tokens, tokens));
        _channels = Sequential(LayerNorm(width), Linear(width, 2 * width), GELU(), Linear(2 * width, width));
        _head = Linear(width, classes);
        RegisterComponents();
    }

    public override Tensor forward(Tensor x)
    {
        x = x + _tokens.call(x.transpose(1, 2)).transpose(1, 2);
        x = x + _channels.call(x);
        return _head.call(x.mean([1]));
    }
}

/// <summary>Two branches that meet.</summary>
public sealed class TwoInputs : Module<Tensor, Tensor, Tensor>
{
    private readonly Linear _left, _right, _head;

    public TwoInputs() : base(nameof(TwoInputs))
    {
        (_left, _right, _head) = (Linear(5, 4), Linear(3, 4), Linear(8, 2));
        RegisterComponents();
    }

    public override Tensor forward(Tensor left, Tensor right) =>
        _head.call(functional.relu(cat([_left.call(left), _right.call(right)], 1)));
}

/// <summary>A mean and a deviation.</summary>
public sealed class TwoOutputs : Module<Tensor, (Tensor, Tensor)>
{
    private readonly Linear _body, _mean, _deviation;

    public TwoOutputs() : base(nameof(TwoOutputs))
    {
        (_body, _mean, _deviation) = (Linear(5, 6), Linear(6, 2), Linear(6, 2));
        RegisterComponents();
    }

    public override (Tensor, Tensor) forward(Tensor x)
    {
        var z = functional.tanh(_body.call(x));
        return (_mean.call(z), functional.softplus(_deviation.call(z)));
    }
}

/// <summary>A layer that runs, but that the module never registered.</summary>
public sealed class Unregistered : Module<Tensor, Tensor>
{
    private readonly Module<Tensor, Tensor>[] _hidden;
    private readonly Linear _head;

    public Unregistered() : base(nameof(Unregistered))
    {
        _hidden = [Linear(5, 6)];
        _head = Linear(6, 3);
        RegisterComponents();
    }

    public override Tensor forward(Tensor x) => _head.call(functional.relu(_hidden[0].call(x)));
}

/// <summary>An operation without a second derivative between two layers.</summary>
public sealed class Resampled : Module<Tensor, Tensor>
{
    private readonly Conv2d _first, _second;

    public Resampled() : base(nameof(Resampled))
    {
        (_first, _second) = (Conv2d(1, 3, 3, padding: 1), Conv2d(3, 2, 1));
        RegisterComponents();
    }

    public override Tensor forward(Tensor x)
    {
        var z = _first.call(x);
        var grid = linspace(-0.9, 0.9, 4).reshape(1, 1, 4, 1).expand(z.shape[0], 4, 4, 2);
        return _second.call(functional.grid_sample(z, grid, align_corners: false)).mean([2, 3]);
    }
}
