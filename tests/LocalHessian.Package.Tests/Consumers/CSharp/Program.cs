using LocalHessian.Optim;
using LocalHessian.Reporting;
using TorchSharp;
using static TorchSharp.torch;

// Two classes of noisy images, told apart by the sign of their left half.
random.manual_seed(0);
using var labels = randint(0, 2, 128);
using var images = randn(128, 1, 8, 8);
images[.., .., .., ..4] += (labels * 2 - 1).view(-1, 1, 1, 1) * 0.5;

using var network = nn.Sequential(
    ("conv", nn.Conv2d(1, 4, 3, padding: 1, bias: false)),
    ("norm", nn.BatchNorm2d(4, affine: false)),
    ("relu", nn.ReLU()),
    ("pool", nn.MaxPool2d(2)),
    ("flatten", nn.Flatten()),
    ("linear", nn.Linear(64, 2, hasBias: false)));
using var optimizer = new ScaleAmendedSGD(network, images, lr: 0.05, momentum: 0.9);
using var loss = nn.CrossEntropyLoss();

for (var step = 0; step < 30; step++)
{
    using var scope = NewDisposeScope();
    optimizer.zero_grad();
    var value = loss.call(network.call(images), labels);
    value.backward();
    optimizer.step();
    Console.WriteLine(FormattableString.Invariant($"loss {value.item<float>()}"));
}

Console.WriteLine(NetworkReport.Of(network, images, output => loss.call(output, labels)).ToJson());
