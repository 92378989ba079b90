namespace VggCifar.Training;

/// <summary>What settings.json holds: the settings and the command line that gave them.</summary>
internal sealed record SavedSettings(IReadOnlyList<string> Arguments, Settings Settings);
