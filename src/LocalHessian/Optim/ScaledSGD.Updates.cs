using TorchSharp;

namespace LocalHessian.Optim;

public partial class ScaledSGD
{
    private List<ParameterUpdate> Collect()
    {
        _steps++;
        var updates = new List<ParameterUpdate>();
        foreach (var group in _parameter_groups)
        {
            var options = StepOptions.Of(OptionsOf(group));
            foreach (var parameter in ParametersOf(group))
            {
                ThrowIfMoved(parameter);
                var state = StateOf(parameter);
                if (state.LastStep == _steps) throw PutInPast(parameter, "is in two groups");
                state.LastStep = _steps;
                if (!parameter.requires_grad || parameter.grad is not { } gradient) continue;
                if (!GradientCheck.Fits(parameter, gradient, state.momentum_buffer))
                    throw GradientCheck.Misfit(NameOf(parameter), parameter, gradient, state.momentum_buffer);
                updates.Add(new(parameter, gradient, state, options, this));
            }
        }

        return updates;
    }

    /// <summary>The updates in the parts that move one after the other.</summary>
    private IEnumerable<List<ParameterUpdate>> Parts(List<ParameterUpdate> updates)
    {
        const long LargeSize = 1 << 20; // many small ones cost less in one part
        if (!_rule.LayerByLayer || NonFiniteGradients != NonFiniteGradients.Ignore
            || updates[0].Parameter.device_type != DeviceType.CPU)
            return [updates];
        var sizes = updates.ToLookup(u => u.Parameter.numel() >= LargeSize);
        var large = sizes[true].Select(u => new List<ParameterUpdate> { u });
        return sizes[false].Any() ? large.Prepend([.. sizes[false]]) : large;
    }
}
