#:project ../../src/LocalHessian/LocalHessian.csproj
#:property UseTorchBackend=true
// A layer-wise optimizer of one's own: dotnet run samples/quickstart/layerwise.cs
using LocalHessian.Optim;
using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

using var generator = manual_seed(1);
using var model = Sequential(("hidden", Linear(2, 16)), ("tanh", Tanh()), ("head", Linear(16, 1)));
using var optimizer = new Fromage(model, lr: 0.02, momentum: 0.9);
var x = randn(256, 2);
var y = x.prod(1, keepdim: true);
for (var step = 0; step <= 200; step++)
{
    using var scope = NewDisposeScope();
    optimizer.zero_grad();
    var loss = functional.mse_loss(model.call(x), y);
    loss.backward();
    optimizer.step();
    if (step % 50 == 0) Console.WriteLine(FormattableString.Invariant($"step {step,3}  loss {loss.item<float>():0.0000}"));
}

optimizer.save_state_dict("layerwise.state"); // momentum, options and settings, checked again when they are loaded
optimizer.load_state_dict("layerwise.state");
File.Delete("layerwise.state");

/// <summary>Bernstein et al. 2020: every layer moves by the same share of its norm.</summary>
sealed class Fromage(nn.Module network, double lr, double momentum = 0)
    : ScaledSGD(new NormRatio(), network, new ScaledSGDOptions { LearningRate = lr, momentum = momentum });

/// <summary>‖W‖/‖δW‖, one where either is zero.</summary>
sealed class NormRatio : LayerwiseRule
{
    protected override Tensor Ratios(IReadOnlyList<ParameterUpdate> updates)
    {
        var (weights, gradients) = NormsOf(updates);
        return where((weights * gradients) > 0, weights / gradients, ones_like(weights));
    }
}
