namespace LocalHessian.Mpi.Tests.Program;

/// <summary>What a test starts as ranks: the scenario its first argument names.</summary>
internal static class Program
{
    private static int Main(string[] arguments) => MpiRun.Run(ranks =>
    {
        Scenarios.Of(arguments[0])(ranks, arguments[1..]);
        return arguments[0] == "returns" ? int.Parse(arguments[1], System.Globalization.CultureInfo.InvariantCulture) : 0;
    });
}
