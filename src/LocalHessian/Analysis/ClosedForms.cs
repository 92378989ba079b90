namespace LocalHessian;

/// <summary>The closed forms of a layer's block with respect to one variable.</summary>
internal interface IClosedForm
{
    /// <summary>Whether a part has a closed form.</summary>
    bool Covers(HessianPart part, bool hasChange);

    /// <summary>The Gauss-Newton Hessian, summed over the batch.</summary>
    Tensor Hessian();

    /// <summary>Eq. (17) or (18); the size is shown to <paramref name="allow"/> first.</summary>
    Tensor Approximation(Action<long> allow);
}

/// <summary>H_z of a sample, or of the whole batch.</summary>
internal sealed class InputForm(LayerForm layer, long? sample) : IClosedForm
{
    public static InputForm? Of(LayerForm? layer, long? sample) => layer is null ? null : new(layer, sample);

    public bool Covers(HessianPart part, bool hasChange) => layer.Covers(weight: false, part, hasChange);

    public Tensor Hessian() => layer.InputHessian(sample);

    public Tensor Approximation(Action<long> allow)
    {
        allow(layer.Features);
        return layer.SampleHessian();
    }
}

/// <summary>H_W of an output channel, or of all.</summary>
internal sealed class WeightForm(LayerForm layer, long? channel) : IClosedForm
{
    public static WeightForm? Of(LayerForm? layer, long? channel) => layer is null ? null : new(layer, channel);

    public bool Covers(HessianPart part, bool hasChange) => layer.Covers(weight: true, part, hasChange);

    public Tensor Hessian() => layer.WeightHessian(channel);

    public Tensor Approximation(Action<long> allow)
    {
        if (channel is null)
            throw new InvalidOperationException("Eq. (18) is that of one output channel: ask ForWeight(channel).");
        allow(layer.WeightsOfAChannel);
        return layer.WeightHessian(channel, centred: false);
    }
}
