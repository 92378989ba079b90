using System.Globalization;
using LocalHessian.Scaling;

namespace LocalHessian.Optim;

public sealed partial class ScaleAmendedSGD
{
    private protected override IEnumerable<(string Name, string Value)> Settings
    {
        get
        {
            yield return (nameof(ScalingOptions.Positions), $"{_scaling.Positions}");
            yield return (nameof(ScalingOptions.Head), $"{_scaling.Head}");
            yield return (nameof(ScalingOptions.Auxiliary), $"{_scaling.Auxiliary}");
            yield return (nameof(ScalingOptions.Source), $"{_scaling.Source}");
            if (_measured is null) yield break;
            var m = _scaling.Measurement;
            yield return (nameof(m.Interval), m.Interval.ToString(CultureInfo.InvariantCulture));
            yield return (nameof(m.Probes), m.Probes.ToString(CultureInfo.InvariantCulture));
            yield return (nameof(m.Seed), m.Seed.ToString(CultureInfo.InvariantCulture));
            yield return (nameof(m.Smoothing), m.Smoothing.ToString(CultureInfo.InvariantCulture));
            yield return (nameof(m.Bound), m.Bound.ToString(CultureInfo.InvariantCulture));
            yield return (nameof(m.Overall), $"{m.Overall}");
        }
    }

    private protected override void SaveExtra(BinaryWriter writer)
    {
        if (MeasuredState is not { } state) return;
        writer.Write(state.Refreshes);
        writer.Write(state.Steps);
        writer.Write(state.Outputs);
        foreach (var entry in state.Entries)
        {
            foreach (var value in new[] { entry.Latest, entry.Smoothed, entry.Square, entry.Factor }) writer.Write(value);
        }
    }

    private protected override Action LoadExtra(BinaryReader reader)
    {
        if (MeasuredState is not { } own) return () => { };
        var (refreshes, steps, outputs) = (reader.ReadInt64(), reader.ReadInt32(), reader.ReadDouble());
        var entries = own.Entries
            .Select(e => e with { Latest = reader.ReadDouble(), Smoothed = reader.ReadDouble(), Square = reader.ReadDouble(), Factor = reader.ReadDouble() })
            .ToList();
        return () => MeasuredState = new MeasuredState(refreshes, steps, outputs, entries);
    }

    private static void Check(ScalingOptions scaling)
    {
        Arguments.Defined(scaling.Positions, nameof(scaling.Positions));
        Arguments.Defined(scaling.Head, nameof(scaling.Head));
        Arguments.Defined(scaling.Auxiliary, nameof(scaling.Auxiliary));
        Arguments.Defined(scaling.Source, nameof(scaling.Source));
        ArgumentNullException.ThrowIfNull(scaling.Measurement);
        Arguments.Defined(scaling.Measurement.Overall, nameof(scaling.Measurement.Overall));
        scaling.Measurement.Check();
    }
}
