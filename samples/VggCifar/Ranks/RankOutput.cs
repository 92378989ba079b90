using LocalHessian.Mpi;
using Spectre.Console;
using VggCifar.Commands;

namespace VggCifar.Ranks;

/// <summary>The program on one rank: rank 0 alone shows how it goes on; errors of the others say whose they are.</summary>
internal static class RankOutput
{
    /// <summary>
    /// What fails on all ranks alike is said by rank 0, which ends the job within this time; what fails on one alone is said by
    /// that one.
    /// </summary>
    private static readonly TimeSpan RankZeroFirst = TimeSpan.FromSeconds(2);

    public static int Run(MpiRanks ranks, IReadOnlyList<string> arguments)
    {
        var team = new Team(ranks);
        if (team.Leads)
            return new Application(Plain(Console.Out), Console.Out, Console.Error, live: false, team).Run(arguments);
        using var errors = new StringWriter();
        var code = new Application(Plain(TextWriter.Null), TextWriter.Null, errors, live: false, team).Run(arguments);
        if (errors.ToString() is { Length: > 0 } text)
        {
            Thread.Sleep(RankZeroFirst);
            Console.Error.Write($"rank {ranks.Rank}: {text}");
        }
        return code;
    }

    /// <summary>Launchers pass lines on, whether or not there is a terminal behind them.</summary>
    private static IAnsiConsole Plain(TextWriter output)
    {
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(output), Ansi = AnsiSupport.No });
        console.Profile.Width = 200;
        return console;
    }
}
