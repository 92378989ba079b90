using System.CommandLine;
using System.Text.Json.Nodes;
using VggCifar.Training;

namespace VggCifar.Commands;

/// <summary>Makes sure that a run goes on with the settings it was started with.</summary>
internal static class Resumption
{
    /// <summary>
    /// With nothing but --resume and --out, everything is taken from the folder; other options must say what the folder says. A folder
    /// without a run starts one.
    /// </summary>
    public static Request Reconcile(Request request, string command, ParseResult parsed, CommonOptions common, Func<IReadOnlyList<string>, Request> again)
    {
        if (!request.Resume || RunFolder.ReadSettings(request.Out) is not { } saved)
            return request;
        if (saved.Arguments.Count == 0 || saved.Arguments[0] != command)
            throw new UserError($"--resume: the run in '{request.Out}' was started by '{(saved.Arguments.Count == 0 ? "" : saved.Arguments[0])}', not by '{command}'.");
        if (OnlyNamesTheFolder(parsed, common))
            request = again(saved.Arguments) with { Out = request.Out, Resume = true, Force = false };
        else if (parsed.GetValue(common.Threads) is null)
            request = request with { Settings = request.Settings with { Threads = saved.Settings.Threads } };
        if (OnlyNamesTheFolder(parsed, common))
            return request with { Settings = saved.Settings with { Device = Devices.Choose(saved.Settings.Device) } };
        RefuseDifference(request, saved.Settings);
        return request;
    }

    private static bool OnlyNamesTheFolder(ParseResult parsed, CommonOptions common) =>
        parsed.CommandResult.Children.OfType<System.CommandLine.Parsing.OptionResult>()
            .Where(result => !result.Implicit)
            .All(result => result.Option == common.Out || result.Option == common.Resume);

    private static void RefuseDifference(Request request, Settings saved)
    {
        var (now, then) = (JsonNode.Parse(Json.Write(request.Settings))!.AsObject(), JsonNode.Parse(Json.Write(saved))!.AsObject());
        foreach (var (name, value) in now)
        {
            if (!JsonNode.DeepEquals(value, then[name]))
                throw new UserError($"--resume: the run in '{request.Out}' has other settings: {name} was {Short(then[name])}, now {Short(value)}.");
        }
    }

    private static string Short(JsonNode? node) => node?.ToJsonString() ?? "nothing";
}
