using Spectre.Console;
using VggCifar.Commands;

namespace VggCifar.Tests;

/// <summary>The program's command line, run in this process.</summary>
internal static class InProcess
{
    /// <summary>The smallest training run: one epoch of two batches on built-in images, one thread.</summary>
    public static readonly string[] Tiny =
    [
        "train", "--data", "builtin10", "--network", "vgg11", "--width", "0.03125", "--train-images", "16", "--test-images", "10",
        "--batch-size", "8", "--epochs", "1", "--device", "cpu", "--threads", "1",
    ];

    public static Outcome Run(params IReadOnlyList<string> arguments)
    {
        using var output = new StringWriter();
        using var errors = new StringWriter();
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(output), Ansi = AnsiSupport.No });
        var code = new Application(console, output, errors, live: false).Run(arguments);
        return new Outcome(code, output.ToString(), errors.ToString().Trim());
    }
}

/// <summary>What a run of the program left: its exit code and what it said.</summary>
internal sealed record Outcome(int Code, string Output, string Errors);
