#:project ../../src/LocalHessian/LocalHessian.csproj
#:property UseTorchBackend=true
// Why does this network train badly? dotnet run samples/quickstart/diagnose.cs
using LocalHessian.Reporting;
using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

using var generator = manual_seed(1);
using var scope = NewDisposeScope();
var (images, labels) = (randn(64, 32), randint(0, 10, 64));
using var model = Sequential(
    ("layer1", Linear(32, 32)), ("tanh1", Tanh()), ("layer2", Linear(32, 32)), ("tanh2", Tanh()),
    ("layer3", Linear(32, 32)), ("tanh3", Tanh()), ("layer4", Linear(32, 10)));
foreach (var (name, parameter) in model.named_parameters())
    if (name.EndsWith("weight", StringComparison.Ordinal)) init.orthogonal_(parameter);

// The mistake to be found: one layer starts far too small.
using (no_grad()) model.get_parameter("layer3.weight")!.mul_(0.05);

NetworkReport Examine() => NetworkReport.Of(model, images, output => functional.cross_entropy(output, labels));
double Passed(BlockReport block) => block.Input!.MeanEigenvalue;

var report = Examine();
Console.WriteLine(report);
var worst = report.Blocks.MinBy(Passed)!;
var smaller = 1 / Math.Sqrt(Passed(worst));
Console.WriteLine(FormattableString.Invariant($"""
    Look at tr/dim in the rows "z": by that the square of a gradient is multiplied, on average, on its way back through a block.
    It is {Passed(worst):0.0000} in {worst.Name}: all layers before it get a gradient {smaller:0} times smaller, and hardly train.
    """));

using (no_grad()) model.get_parameter($"{worst.Name}.weight")!.mul_(20);
Console.WriteLine(FormattableString.Invariant(
    $"With weights twenty times as large it is {Passed(Examine().Blocks.Single(b => b.Name == worst.Name)):0.00}."));
