using System.Text.Json.Nodes;
using VggCifar.Training;

namespace VggCifar.Commands;

/// <summary>Parts of a grid that have been found to make up the whole, each run once and to its end.</summary>
internal sealed class Gathering
{
    private readonly SavedSettings _saved;
    private readonly List<string> _checkpoints;

    private Gathering(SavedSettings saved, List<string> checkpoints, List<RunResult> results) =>
        (_saved, _checkpoints, Results) = (saved, checkpoints, results);

    public Settings Settings => _saved.Settings;

    /// <summary>Every run of the grid, in its order.</summary>
    public IReadOnlyList<RunResult> Results { get; }

    /// <exception cref="UserError">
    /// Parts of different grids; runs that are missing, unfinished, damaged or in two parts: all are named.
    /// </exception>
    public static Gathering Of(IReadOnlyList<string> folders)
    {
        var parts = folders.Distinct().Select(folder => (Folder: folder, Saved: Read(folder))).ToList();
        foreach (var (folder, saved) in parts.Skip(1))
            ThrowUnlessAlike(parts[0], (folder, saved));
        var (settings, wrong) = (parts[0].Saved.Settings, new List<string>());
        var (checkpoints, results) = (new List<string>(), new List<RunResult>());
        foreach (var name in RunName.All(settings))
        {
            var found = parts.Select(part => RunFolder.CheckpointIn(part.Folder, name)).Where(File.Exists).ToList();
            var histories = found.Select(file => History(file, name, settings, wrong)).ToList();
            if (found.Count > 1)
                wrong.Add($"{name.Id} is in two parts: '{found[0]}' and '{found[1]}'");
            else if (found.Count == 0)
                wrong.Add($"{name.Id} is missing");
            else if (histories[0] is { } history && history.Count < settings.Epochs && !history.Any(record => record.Diverged))
                wrong.Add(
                    $"{name.Id} has {history.Count} of {settings.Epochs} epochs in '{found[0]}' (compare --resume goes on "
                    + "with it)");
            else if (histories[0] is { } whole)
            {
                checkpoints.Add(found[0]);
                results.Add(new RunResult(name, whole));
            }
        }
        if (wrong.Count > 0)
        {
            var missing = Missing([.. parts.Select(part => part.Saved)]);
            throw new UserError($"The parts do not make up the grid: {string.Join("; ", wrong)}.{missing}");
        }
        return new Gathering(parts[0].Saved, checkpoints, results);
    }

    /// <summary>
    /// Makes a folder that holds what one run of the whole grid would have left: settings and checkpoints, so that it can be
    /// resumed.
    /// </summary>
    public RunFolder CopyTo(string path, bool force)
    {
        var options = _saved.Options.Where(option => option[0] != GridOptions.PartName).ToList();
        var folder = RunFolder.Open(path, new SavedSettings(_saved.Command, options, Settings), resume: false, force);
        foreach (var (result, file) in Results.Zip(_checkpoints))
            File.Copy(file, RunFolder.CheckpointIn(path, result.Name), overwrite: true);
        return folder;
    }

    private static SavedSettings Read(string folder)
    {
        if (!File.Exists(Path.Combine(folder, RunFolder.SettingsFile)))
            throw new UserError($"'{folder}' holds no part of a grid: there is no {RunFolder.SettingsFile} in it.");
        var saved = RunFolder.ReadSettings(folder)!;
        return saved.Command == "compare" ? saved : throw new UserError($"'{folder}' holds no part of a grid, but a run of "
            + $"'{saved.Command}'.");
    }

    private static void ThrowUnlessAlike((string Folder, SavedSettings Saved) first, (string Folder, SavedSettings Saved) other)
    {
        var (a, b) = (JsonNode.Parse(Json.Write(first.Saved.Settings))!.AsObject(),
            JsonNode.Parse(Json.Write(other.Saved.Settings))!.AsObject());
        foreach (var (name, value) in a)
            if (!JsonNode.DeepEquals(value, b[name]))
                throw new UserError($"The folders are of different grids: {name} differs between '{first.Folder}' and "
                    + $"'{other.Folder}'.");
    }

    private static IReadOnlyList<EpochRecord>? History(string file, RunName name, Settings settings, List<string> wrong)
    {
        try
        {
            using var checkpoint = Checkpoint.Read(file, name.Id, settings.Hash());
            return checkpoint.State.History;
        }
        catch (UserError e)
        {
            wrong.Add(e.Message.TrimEnd('.'));
            return null;
        }
    }

    // Where all folders say which part they are, those that no folder says are known too.
    private static string Missing(IReadOnlyList<SavedSettings> parts)
    {
        var given = parts.Select(saved =>
            saved.Options.FirstOrDefault(option => option[0] == GridOptions.PartName) is [_, var text]
                ? GridPart.Read(text) : null).ToList();
        if (given.Any(part => part is null) || given.DistinctBy(part => part!.Parts).Count() > 1)
            return "";
        var missing = Enumerable.Range(1, given[0]!.Parts).Except(given.Select(part => part!.Number))
            .Select(n => new GridPart(n, given[0]!.Parts)).ToList();
        return missing.Count == 0 ? "" : $" No folder is of part {string.Join(", ", missing)}.";
    }
}
