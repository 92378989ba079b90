using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace LocalHessian.Tests.Cases;

/// <summary>A block in float64 with the shape of its input, and which of its Gauss-Newton Hessians have a closed form.</summary>
public sealed record BlockCase(
    string Name, Func<Module<Tensor, Tensor>> Build, long[] Input, bool InputForm = false, bool WeightForm = false,
        bool Couples = false)
{
    /// <summary>A batch norm without ε follows the layer: scaling W changes nothing.</summary>
    public bool Invariant { get; init; }

    public (Module<Tensor, Tensor> Block, Tensor Input, Tensor Change) Make(int seed = 1)
    {
        manual_seed(seed);
        var block = Networks.InFloat64(Build());
        using (no_grad())
            foreach (var norm in block.modules().OfType<BatchNorm>().Where(n => n.running_var is not null))
            {
                norm.running_mean!.normal_();
                norm.running_var!.uniform_(0.5, 2);
                if (!norm.affine) continue;
                norm.weight.uniform_(0.5, 2);
                norm.bias!.normal_();
            }

        var input = randn(Input, ScalarType.Float64);
        using var snapshot = new LocalHessian.Internal.NetworkSnapshot(block);
        return (block, input, randn_like(block.call(input)).detach());
    }

    public override string ToString() => Name;
}

/// <summary>The table of blocks that the tests of Hessians share.</summary>
public static class BlockCases
{
    public static IReadOnlyList<BlockCase> All =>
    [
        new("linear", () => Linear(4, 3), [3, 4], true, true),
        new("linear on tokens", () => Linear(3, 2), [2, 4, 3], true, true),
        new("convolution", () => Conv2d(2, 3, 3, stride: 2, padding: 1), [2, 2, 5, 4], true, true),
        new("dilated convolution without bias", () =>
            Conv2d(2, 2, (2, 3), (1, 2), (1, 2), (2, 1), bias: false), [3, 2, 4, 5], true, true),
        new("grouped convolution", () => Conv2d(4, 6, 2, groups: 2), [2, 4, 3, 3], true, true),
        new("same padding, even kernel, dilated", () =>
            Conv2d(1, 2, (2, 3), Padding.Same, dilation: (1, 2)), [2, 1, 3, 5], true, true),
        new("convolution in one dimension", () => Conv1d(2, 3, 3, padding: 1, dilation: 2), [2, 2, 6], true, true),
        new("dilated convolution in three dimensions", () =>
            Conv3d(2, 2, (2, 2, 2), (2, 2, 2), (1, 1, 1), (2, 1, 1)), [2, 2, 3, 2, 2], true, true),
        new("transposed convolution", () =>
            ConvTranspose2d(2, 4, 3, stride: 2, padding: 1, output_padding: 1, groups: 2), [2, 2, 2, 3], true),
        new("linear, batch norm", () => Sequential(Linear(4, 3), BatchNorm1d(3)), [6, 4], true, true, true),
        new("linear, batch norm without ε", () => Sequential(Linear(4, 3, hasBias: false),
            BatchNorm1d(3, eps: 0, affine: false)), [6, 4], true, true, true) { Invariant = true },
        new("linear, batch norm with large ε", () =>
            Sequential(Linear(4, 3), BatchNorm1d(3, eps: 0.7)), [5, 4], true, true, true),
        new("convolution, batch norm", () =>
            Sequential(Conv2d(2, 3, 2, stride: 2, bias: false), BatchNorm2d(3)), [3, 2, 4, 4], true, true, true),
        new("grouped convolution, batch norm without ε", () => Sequential(Conv2d(4, 4, 2, groups: 2, bias: false),
            BatchNorm2d(4, eps: 0, affine: false)), [3, 4, 3, 3], true, true, true) { Invariant = true },
        new("convolution, batch norm evaluating", () =>
            Evaluating(Sequential(Conv2d(2, 3, 3, padding: 1), BatchNorm2d(3))), [2, 2, 3, 3], true, true),
        new("linear, batch norm evaluating without statistics", () =>
            Evaluating(Sequential(Linear(3, 2), BatchNorm1d(2, track_running_stats: false))), [4, 3], true, true, true),
        new("linear, tanh", () => Sequential(Linear(4, 3), Tanh()), [3, 4]),
        new("residual", () =>
            new Lambda((l, z) => z + l[1].call(functional.tanh(l[0].call(z))), ("a", Linear(4, 5)), ("b", Linear(5, 4))), [3, 4]),
        new("convolution, batch norm, relu, pool", () => Sequential(Conv2d(2, 3, 3, padding: 1, bias: false), BatchNorm2d(3),
            ReLU(inplace: true), MaxPool2d(2)), [3, 2, 4, 4], Couples: true),
        new("linear, layer norm, GELU", () => Sequential(Linear(4, 3), LayerNorm(3), GELU()), [3, 4]),
        new("padding by reflection", () => Conv2d(1, 2, 3, padding: 1, padding_mode: PaddingModes.Reflect), [2, 1, 3, 3]),
        new("linear on tokens, batch norm over positions", () =>
            Sequential(Linear(3, 2), BatchNorm1d(4)), [3, 4, 3], Couples: true),
    ];

    public static TheoryData<BlockCase> Cases => new(All);

    private static Module<Tensor, Tensor> Evaluating(Module<Tensor, Tensor> module)
    {
        module.eval();
        return module;
    }
}
