using System.CommandLine;
using System.Text.Json.Nodes;
using VggCifar.Training;

namespace VggCifar.Commands;

/// <summary>Makes sure that a run goes on with the settings it was started with.</summary>
internal static class Resumption
{
    /// <summary>
    /// The request of a run that is to go on: its saved options, and those given now in their place. What is given may change
    /// where data and records are; what decides the numbers must be as saved. Null when nothing is to go on, or the folder is
    /// empty: then a run starts.
    /// </summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="common">Its options.</param>
    /// <param name="grid">Its options, too.</param>
    /// <param name="read">Reads a list of options.</param>
    public static Request? Request(
        ParseResult parsed, CommonOptions common, GridOptions grid, Func<IReadOnlyList<string>, Request> read)
    {
        if (!parsed.GetValue(common.Resume) || parsed.GetValue(common.Force)
            || parsed.GetValue(common.Out) is not { Length: > 0 } path || RunFolder.ReadSettings(path) is not { } saved)
            return null;
        var command = parsed.CommandResult.Command.Name;
        if (saved.Command != command)
            throw new UserError($"--resume: the run in '{path}' was started by '{saved.Command}', not by '{command}'.");
        var given = Given.Options(parsed);
        var options = saved.Options.Where(option => given.All(now => now[0] != option[0])).Concat(given);
        var request = read([.. options.SelectMany(option => option)]);
        RefuseDifference(Given.Names(parsed), common.Decides.Concat(grid.Decides), request.Settings, saved.Settings, request.Out);
        return request with { Settings = saved.Settings with { Device = Devices.Choose(saved.Settings.Device) } };
    }

    private static void RefuseDifference(
        IReadOnlyList<Option> given, IEnumerable<(Option Option, string Property)> decides, Settings asked, Settings saved,
        string path)
    {
        var (now, then) = (JsonNode.Parse(Json.Write(asked))!, JsonNode.Parse(Json.Write(saved))!);
        foreach (var (option, property) in decides.Where(pair => given.Contains(pair.Option)))
        {
            if (!JsonNode.DeepEquals(now[property], then[property]))
                throw new UserError(
                    $"--resume: the run in '{path}' has other settings: {option.Name} asks for "
                    + $"{Words(property, asked, now)}, the run has {Words(property, saved, then)}.");
        }
    }

    private static string Words(string property, Settings settings, JsonNode json) =>
        property == "grid" ? string.Join(", ", settings.Grid.Select(spec => spec.Id)) : json[property]!.ToJsonString();
}
