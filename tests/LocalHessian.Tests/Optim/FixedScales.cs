using LocalHessian.Optim;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace LocalHessian.Tests.Optim;

/// <summary>An optimizer whose factors the test gives, to compare the ways a step is made.</summary>
internal sealed class FixedScales : ScaledSGD
{
    private readonly Dictionary<IntPtr, double> _scales = [];

    public FixedScales(IReadOnlyList<Parameter> parameters, IReadOnlyList<double> scales, SGD.Options options) : base(options)
    {
        foreach (var (parameter, scale) in parameters.Zip(scales)) _scales[parameter.Handle] = scale;
        add_param_group(new SGD.ParamGroup { Parameters = parameters });
    }

    public static void Reference(IReadOnlyList<ParameterUpdate> updates, Tensor scales)
    {
        for (var i = 0; i < updates.Count; i++) ReferenceUpdate.Apply(updates[i], scales[i]);
    }

    private protected override Tensor Scales(List<ParameterUpdate> updates) =>
        tensor(updates.Select(u => _scales[u.Parameter.Handle]).ToArray(), ScalarType.Float64, updates[0].Parameter.device);
}
