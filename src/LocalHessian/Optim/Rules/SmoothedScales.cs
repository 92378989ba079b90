using LocalHessian.Scaling;

namespace LocalHessian.Optim;

/// <summary>Smooths measurements over refreshes, and keeps the multiplier that follows for each parameter.</summary>
internal sealed class SmoothedScales(IReadOnlyList<MeasuredParameter> parameters, ScalingOptions options)
{
    private readonly List<Parameter> _tensors = [.. parameters.Select(p => p.Parameter)];
    private double _outputs;

    public IReadOnlyList<MeasuredParameter> Parameters => parameters;

    /// <summary>Takes one measurement in.</summary>
    /// <exception cref="NonFiniteException">A weight is not finite. Nothing has changed.</exception>
    public void Add(ScaleMeasurement.Reading measurement)
    {
        // one wait for both
        var all = cat([Squares.Of(_tensors, measurement.Values.device), measurement.Values]).ToNumbers();
        var (squares, values) = (all[..parameters.Count], all[parameters.Count..]);
        FiniteChecks.ThrowUnlessFinite(squares, i => $"'{parameters[i].Name}'");
        for (var i = 0; i < values.Length; i++)
        {
            parameters[i].Square = squares[i];
            // A parameter out of reach this time keeps its value, and one overflowing batch does not spoil it.
            if (!measurement.Reached[i] || !double.IsFinite(values[i])) continue;
            parameters[i].Smooth(values[i], options.Measurement.Smoothing);
        }

        _outputs = measurement.Outputs;
        MeasuredMultipliers.Set(parameters, _outputs, options);
    }

    public void Save(BinaryWriter writer)
    {
        writer.Write(_outputs);
        foreach (var p in parameters) p.Save(writer);
    }

    public Action Load(BinaryReader reader)
    {
        var outputs = reader.ReadDouble();
        var loads = parameters.Select(p => p.Load(reader)).ToList();
        return () =>
        {
            _outputs = outputs;
            loads.ForEach(load => load());
        };
    }
}
