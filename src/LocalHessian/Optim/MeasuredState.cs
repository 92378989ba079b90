namespace LocalHessian.Optim;

/// <summary>What measured scales carry from one step to the next. Random numbers follow from the seed and the count of refreshes.</summary>
/// <param name="Refreshes">Refreshes so far.</param>
/// <param name="Steps">Steps since the last.</param>
/// <param name="Outputs">D_B at the last.</param>
/// <param name="Entries">One a measured parameter, in the optimizer's order.</param>
internal sealed record MeasuredState(long Refreshes, int Steps, double Outputs, IReadOnlyList<MeasuredEntry> Entries);

/// <summary>One parameter's part of <see cref="MeasuredState"/>; NaN where it has not been measured.</summary>
internal sealed record MeasuredEntry(string Parameter, double Latest, double Smoothed, double Square, double Factor);
