using System.CommandLine;
using VggCifar;

namespace Samples;

/// <summary>
/// What the samples with a single command do alike: errors in one sentence and code 2, and a folder for what they write.
/// </summary>
internal static class SmallProgram
{
    /// <summary>Runs a command; returns its exit code, 2 for what the user has to mend.</summary>
    public static int Run(RootCommand command, string[] args, Action<ParseResult> action)
    {
        command.SetAction(parsed =>
        {
            try
            {
                action(parsed);
                return 0;
            }
            catch (UserError e)
            {
                Console.Error.WriteLine(e.Message);
                return 2;
            }
        });

        var request = command.Parse(args);
        if (request.Errors.Count == 0)
            return request.Invoke();
        Console.Error.WriteLine(request.Errors[0].Message + " (--help lists what there is.)");
        return 2;
    }

    /// <summary>Makes the folder of <c>--out</c>.</summary>
    /// <exception cref="UserError">It cannot be made.</exception>
    public static void Create(DirectoryInfo folder)
    {
        try
        {
            folder.Create();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UserError($"--out: the folder '{folder.FullName}' cannot be made: {e.Message}");
        }
    }
}
