using LocalHessian.Blocks;

namespace LocalHessian.Scaling;

/// <summary>What is known of one measured parameter, and what has been measured of it; NaN before.</summary>
internal sealed class MeasuredParameter
{
    /// <param name="named">The parameter.</param>
    /// <param name="block">The block of a chain whose weight it is; null if it is none.</param>
    /// <param name="floor">τ, see <see cref="ScalingOptions.Floor"/>.</param>
    public MeasuredParameter(NamedParameter named, Block? block, double floor)
    {
        (Name, Parameter) = named;
        IsWeight = Parameter.dim() > 1;
        HasClosedForm = block is not null;
        Elements = Parameter.numel();
        Rows = block?.Outputs ?? (Parameter.dim() == 0 ? 1 : Parameter.size(0));
        Floor = block is null ? floor * Rows : ClosedForm.Floor(block, floor);
    }

    public string Name { get; }
    public Parameter Parameter { get; }

    /// <summary>Two dimensions or more; otherwise a bias, gain or shift.</summary>
    public bool IsWeight { get; }

    /// <summary>The weight of a block of a chain.</summary>
    public bool HasClosedForm { get; }

    /// <summary>dim p.</summary>
    public long Elements { get; }

    /// <summary>n: the block's output channels, else the first dimension.</summary>
    public long Rows { get; }

    /// <summary>The last refresh's h, which stands for m·m_{b,W}.</summary>
    public double Latest { get; private set; } = double.NaN;

    /// <summary>The same, smoothed over refreshes.</summary>
    public double Smoothed { get; private set; } = double.NaN;

    /// <summary>‖p‖² at the last refresh.</summary>
    public double Square { get; set; } = double.NaN;

    /// <summary>a.</summary>
    public double Multiplier { get; set; } = double.NaN;

    /// <summary>τ·n where no normalisation is known to follow, else zero.</summary>
    public double Floor { get; }

    /// <summary>h ← βh + (1 − β)·new; the first measurement as it is.</summary>
    public void Smooth(double value, double beta)
    {
        Latest = value;
        Smoothed = double.IsNaN(Smoothed) ? value : beta * Smoothed + (1 - beta) * value;
    }

    public void Save(BinaryWriter writer)
    {
        writer.Write(Latest);
        writer.Write(Smoothed);
        writer.Write(Square);
        writer.Write(Multiplier);
    }

    /// <summary>Reads what <see cref="Save"/> wrote; what is returned puts it to use.</summary>
    public Action Load(BinaryReader reader)
    {
        var (latest, smoothed, square, multiplier) = (reader.ReadDouble(), reader.ReadDouble(), reader.ReadDouble(),
            reader.ReadDouble());
        return () => (Latest, Smoothed, Square, Multiplier) = (latest, smoothed, square, multiplier);
    }
}
