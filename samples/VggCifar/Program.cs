using System.Globalization;
using LocalHessian.Mpi;
using Spectre.Console;
using VggCifar.Commands;
using VggCifar.Ranks;

// Numbers are read and written with a point, whatever the machine's language.
CultureInfo.CurrentCulture = CultureInfo.DefaultThreadCurrentCulture = CultureInfo.InvariantCulture;
CultureInfo.CurrentUICulture = CultureInfo.DefaultThreadCurrentUICulture = CultureInfo.InvariantCulture;

var mpi = args.Contains("--mpi");
var live = !mpi && !Console.IsOutputRedirected && AnsiConsole.Profile.Capabilities.Ansi;
if (!live)
    AnsiConsole.Profile.Width = 200;
return mpi
    ? MpiRun.Run(ranks => RankOutput.Run(ranks, args))
    : new Application(AnsiConsole.Console, Console.Out, Console.Error, live).Run(args);
