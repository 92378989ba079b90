#:project ../../src/LocalHessian/LocalHessian.csproj
#:property UseTorchBackend=true
// A network trained by scale-amended SGD: dotnet run samples/quickstart/train.cs
using LocalHessian.Optim;
using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

// Ten classes: one picture each, seen through noise.
using var generator = manual_seed(1);
using var scope = NewDisposeScope();
var pictures = randn(10, 1, 16, 16);
(Tensor Images, Tensor Labels) Draw(long count)
{
    var labels = randint(0, 10, count);
    return (pictures[labels] + 2 * randn(count, 1, 16, 16), labels);
}

using var model = Sequential(
    ("conv1", Conv2d(1, 16, 3, padding: 1, bias: false)), ("norm1", BatchNorm2d(16)), ("relu1", ReLU()), ("pool1", MaxPool2d(2)),
    ("conv2", Conv2d(16, 32, 3, padding: 1, bias: false)), ("norm2", BatchNorm2d(32)), ("relu2", ReLU()), ("pool2", MaxPool2d(2)),
    ("flatten", Flatten()), ("linear", Linear(512, 10)));

using var optimizer = new ScaleAmendedSGD(model, Draw(1).Images, lr: 0.01, momentum: 0.9);
for (var step = 0; step <= 100; step++)
{
    using var inner = NewDisposeScope();
    var (images, labels) = Draw(64);
    optimizer.zero_grad();
    var loss = functional.cross_entropy(model.call(images), labels);
    loss.backward();
    optimizer.step();
    if (step % 20 == 0) Console.WriteLine(FormattableString.Invariant($"step {step,3}  loss {loss.item<float>():0.000}"));
}

model.eval();
using (no_grad())
{
    var (images, labels) = Draw(1000);
    var right = model.call(images).argmax(1).eq(labels).to(float32).mean().item<float>();
    Console.WriteLine(FormattableString.Invariant($"new images  {100 * right:0} percent right"));
}

Console.WriteLine("\nA block's gradient was multiplied, in the last step, by");
foreach (var block in optimizer.BlockScales)
    Console.WriteLine(FormattableString.Invariant($"{block.Block,-8}{block.Multiplier,8:0.00}"));
