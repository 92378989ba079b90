using System.CommandLine;
using Spectre.Console;
using VggCifar.Ranks;

namespace VggCifar.Commands;

/// <summary>The command line: the commands, one kind of error message, the exit codes.</summary>
internal sealed class Application(IAnsiConsole console, TextWriter output, TextWriter errors, bool live, Team? team = null)
{
    /// <summary>Exit code for something the user can mend; a signal gives 130 or 143, any other failure 1.</summary>
    public const int Refused = 2, Failed = 1;

    /// <summary>Runs a command line and returns the exit code.</summary>
    public int Run(IReadOnlyList<string> arguments)
    {
        var root = new RootCommand(
            "Trains the VGG networks of \"On the Local Hessian in Back-propagation\" on CIFAR or built-in images.");
        root.Subcommands.Add(Build(root, "train", "Trains one network with one optimizer.", several: false));
        root.Subcommands.Add(Build(root, "compare",
            "Trains several optimizers from the same weights on the same batches; ends with a table and pictures.",
            several: true));
        root.Subcommands.Add(GatherCommand.Build(console, output));
        try
        {
            var parsed = Parse(root, arguments);
            return parsed.Invoke(
                new InvocationConfiguration { Output = output, Error = errors, EnableDefaultExceptionHandler = false });
        }
        catch (UserError e)
        {
            errors.WriteLine(e.Message);
            return Refused;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            errors.WriteLine($"A file could not be written or read: {e.Message}");
            return Failed;
        }
        catch (Exception e) when (e is OutOfMemoryException
            || e.Message.Contains("not enough memory", StringComparison.Ordinal)
            || e.Message.Contains("out of memory", StringComparison.Ordinal))
        {
            errors.WriteLine(
                $"There is not enough memory; a smaller --width or --batch-size needs less: {e.Message.Split('\n')[0]}");
            return Failed;
        }
        catch (Exception e)
        {
            // Not crashing keeps the exit code to what is documented.
            errors.WriteLine($"The program failed: {e}");
            return Failed;
        }
    }

    /// <summary>Values that begin with @ once came out of a response file, or are names.</summary>
    private static readonly ParserConfiguration AsIs = new() { ResponseFileTokenReplacer = null };

    private static ParseResult Parse(RootCommand root, IReadOnlyList<string> arguments, ParserConfiguration? configuration = null)
    {
        var parsed = root.Parse(arguments, configuration);
        Given.RefuseUnknown(parsed);
        if (parsed.Errors.Count == 0)
            return parsed;
        throw new UserError((parsed.UnmatchedTokens, parsed.CommandResult.Command == root) switch
        {
            ({ Count: > 0 } tokens, true) =>
                $"'{tokens[0]}' is no command; there are train, compare and gather (--help tells more).",
            (_, true) => "A command is missing: train, compare or gather (--help tells more).",
            ({ Count: > 0 } tokens, false) =>
                $"{parsed.CommandResult.Command.Name} has no option '{tokens[0]}' (--help lists those it has).",
            _ => parsed.Errors[0].Message + " (--help lists what there is.)",
        });
    }

    private Command Build(RootCommand root, string name, string description, bool several)
    {
        var (common, grid) = (new CommonOptions(), new GridOptions(several));
        var command = new Command(name, description);
        foreach (var option in grid.All.Concat(common.All))
            command.Options.Add(option);
        command.SetAction(parsed =>
        {
            var request = Resumption.Request(
                parsed, common, grid, options => Request.From(Parse(root, [name, .. options], AsIs), common, grid));
            request ??= Request.From(parsed, common, grid);
            if (team is null)
                MpiCheck.RefuseAlone(request, Environment.GetEnvironmentVariable);
            return Session.Run(request, console, output, live, team ?? Team.Alone);
        });
        return command;
    }
}
