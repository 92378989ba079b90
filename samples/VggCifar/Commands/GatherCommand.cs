using System.CommandLine;
using Spectre.Console;

namespace VggCifar.Commands;

/// <summary><c>gather</c>: joins the folders of a grid's parts into one.</summary>
internal static class GatherCommand
{
    public static Command Build(IAnsiConsole console, TextWriter output)
    {
        var folders = new Argument<string[]>("FOLDER")
        {
            Description = "The folders of all parts.",
            Arity = ArgumentArity.OneOrMore
        };
        var common = new CommonOptions();
        var command = new Command("gather", "Joins the folders of a grid's parts (compare --part) into one, with table and "
            + "pictures of the whole grid.");
        command.Arguments.Add(folders);
        command.Options.Add(common.Out);
        command.Options.Add(common.Force);
        command.SetAction(parsed =>
        {
            if (parsed.GetValue(common.Out) is not { Length: > 0 } path)
                throw new UserError("gather needs --out, the folder for the whole grid.");
            var parts = Gathering.Of([.. parsed.GetValue(folders)!.Select(Path.GetFullPath)]);
            using var folder = parts.CopyTo(Path.GetFullPath(path), parsed.GetValue(common.Force));
            output.WriteLine($"folder: {folder.Path}");
            Session.Report(parts.Settings, folder, parts.Results, console, output);
            return 0;
        });
        return command;
    }
}
