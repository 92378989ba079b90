using System.CommandLine;
using Spectre.Console;

namespace VggCifar.Commands;

/// <summary>The command line: two commands, one kind of error message, the exit codes.</summary>
internal sealed class Application(IAnsiConsole console, TextWriter output, TextWriter errors, bool live)
{
    /// <summary>Exit code for something the user can mend; a signal gives 130 or 143, any other failure 1.</summary>
    public const int Refused = 2, Failed = 1;

    /// <summary>Runs a command line and returns the exit code.</summary>
    public int Run(IReadOnlyList<string> arguments)
    {
        var root = new RootCommand("Trains the VGG networks of \"On the Local Hessian in Back-propagation\" on CIFAR or built-in images.");
        root.Subcommands.Add(Build(root, "train", "Trains one network with one optimizer.", several: false, arguments));
        root.Subcommands.Add(Build(root, "compare",
            "Trains several optimizers from the same weights on the same batches; ends with a table and pictures.", several: true, arguments));
        try
        {
            var parsed = Parse(root, arguments);
            return parsed.Invoke(new InvocationConfiguration { Output = output, Error = errors, EnableDefaultExceptionHandler = false });
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
        catch (Exception e)
        {
            // Memory that is not there, for one. Not crashing keeps the exit code to what is documented.
            errors.WriteLine($"The program failed: {e}");
            return Failed;
        }
    }

    private static ParseResult Parse(RootCommand root, IReadOnlyList<string> arguments)
    {
        var parsed = root.Parse(arguments);
        if (parsed.Errors.Count == 0)
            return parsed;
        throw new UserError((parsed.UnmatchedTokens, parsed.CommandResult.Command == root) switch
        {
            ({ Count: > 0 } tokens, true) => $"'{tokens[0]}' is no command; there are train and compare (--help tells more).",
            (_, true) => "A command is missing: train or compare (--help tells more).",
            ({ Count: > 0 } tokens, false) => $"{parsed.CommandResult.Command.Name} has no option '{tokens[0]}' (--help lists those it has).",
            _ => parsed.Errors[0].Message + " (--help lists what there is.)",
        });
    }

    private Command Build(RootCommand root, string name, string description, bool several, IReadOnlyList<string> arguments)
    {
        var (common, grid) = (new CommonOptions(), new GridOptions(several));
        var command = new Command(name, description);
        foreach (var option in grid.All.Concat(common.All))
            command.Options.Add(option);
        command.SetAction(parsed =>
        {
            var request = Request.From(parsed, common, grid, name, arguments);
            request = Resumption.Reconcile(request, name, parsed, common, saved => Request.From(Parse(root, saved), common, grid, name, saved));
            return Session.Run(request, console, output, live);
        });
        return command;
    }
}
