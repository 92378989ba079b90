using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace LocalHessian.Tests.Cases;

/// <summary>z + φ(z), with the norm and activation after the convolution or before it.</summary>
public sealed class ResidualBlock : Module<Tensor, Tensor>
{
    private readonly Module<Tensor, Tensor> _branch;
    private readonly Module<Tensor, Tensor>? _shortcut;
    private readonly bool _before;

    public ResidualBlock(long inputs, long outputs, bool before) : base(nameof(ResidualBlock))
    {
        _before = before;
        _branch = before
            ? Sequential(BatchNorm2d(inputs), ReLU(), Conv2d(inputs, outputs, 3, padding: 1, bias: false), BatchNorm2d(outputs),
            ReLU(), Conv2d(outputs, outputs, 3, padding: 1, bias: false))
            : Sequential(Conv2d(inputs, outputs, 3, padding: 1, bias: false), BatchNorm2d(outputs), ReLU(),
            Conv2d(outputs, outputs, 3, padding: 1, bias: false), BatchNorm2d(outputs));
        _shortcut = inputs == outputs ? null : Conv2d(inputs, outputs, 1, bias: false);
        register_module("branch", _branch);
        if (_shortcut is not null) register_module("shortcut", _shortcut);
    }

    public override Tensor forward(Tensor x)
    {
        var sum = (_shortcut?.call(x) ?? x) + _branch.call(x);
        return _before ? sum : functional.relu(sum);
    }
}

/// <summary>Layer norm, attention and a two-layer perceptron, each with a skip.</summary>
public sealed class TransformerBlock : Module<Tensor, Tensor>
{
    private readonly LayerNorm _norm1, _norm2;
    private readonly MultiheadAttention _attention;
    private readonly Module<Tensor, Tensor> _mlp;

    public TransformerBlock(long width, long heads) : base(nameof(TransformerBlock))
    {
        (_norm1, _norm2) = (LayerNorm(width), LayerNorm(width));
        _attention = MultiheadAttention(width, heads);
        _mlp = Sequential(Linear(width, 2 * width), GELU(), Linear(2 * width, width));
        RegisterComponents();
    }

    public override Tensor forward(Tensor x)
    {
        var y = _norm1.call(x).transpose(0, 1);
        x = x + _attention.call(y, y, y, null, false, null).Item1.transpose(0, 1);
        return x + _mlp.call(_norm2.call(x));
    }
}

/// <summary>Patches by convolution, learned positions, transformer blocks, mean over tokens.</summary>
public sealed class VisionTransformer : Module<Tensor, Tensor>
{
    private readonly Module<Tensor, Tensor> _patches, _blocks, _norm, _head;
    private readonly Parameter _positions;

    public VisionTransformer(long width, long tokens, long classes) : base(nameof(VisionTransformer))
    {
        _patches = Conv2d(1, width, 2, stride: 2);
        _positions = new Parameter(0.1 * randn(1, tokens, width));
        _blocks = Sequential(new TransformerBlock(width, 2), new TransformerBlock(width, 2));
        _norm = LayerNorm(width);
        _head = Linear(width, classes);
        RegisterComponents();
    }

    public override Tensor forward(Tensor x) =>
        _head.call(_norm.call(_blocks.call(_patches.call(x).flatten(2).transpose(1, 2) + _positions)).mean([1]));
}

/// <summary>Token numbers, embedded, through an LSTM; the last state is classified.</summary>
public sealed class LstmClassifier : Module<Tensor, Tensor>
{
    private readonly Embedding _embedding;
    private readonly LSTM _lstm;
    private readonly Linear _head;

    public LstmClassifier(long words, long width, long classes) : base(nameof(LstmClassifier))
    {
        _embedding = Embedding(words, width);
        _lstm = LSTM(width, width, batchFirst: true);
        _head = Linear(width, classes);
        RegisterComponents();
    }

    public override Tensor forward(Tensor tokens) => _head.call(_lstm.call(_embedding.call(tokens)).Item1.select(1, -1));
}
