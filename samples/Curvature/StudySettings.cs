using static TorchSharp.torch;

namespace CurvatureStudy;

/// <summary>How long, on how much, and from which seed.</summary>
internal sealed record StudySettings(int Steps, int Images, int Seed)
{
    /// <summary>Readings of the curvature along a run, the first and the last step included.</summary>
    public int Readings { get; init; } = 9;

    /// <summary>Points along each side of the loss surface.</summary>
    public int Grid { get; init; } = 15;

    /// <summary>Steps of Lanczos for a density.</summary>
    public int DensitySteps { get; init; } = 60;

    /// <summary>
    /// Where everything is computed. Random numbers are drawn on the CPU and moved: a seed means the same on every device.
    /// </summary>
    public Device Device { get; init; } = CPU;
}
