using TorchSharp.Modules;
using static TorchSharp.torch;

namespace LocalHessian.Optim;

/// <summary>One parameter that a step is about to move.</summary>
internal sealed record ParameterUpdate(Parameter Parameter, Tensor Gradient, SGDState State, SGD.Options Options);
