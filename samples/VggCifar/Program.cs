using System.Globalization;
using Spectre.Console;
using VggCifar.Commands;

// Numbers are read and written with a point, whatever the machine's language.
CultureInfo.CurrentCulture = CultureInfo.DefaultThreadCurrentCulture = CultureInfo.InvariantCulture;
CultureInfo.CurrentUICulture = CultureInfo.DefaultThreadCurrentUICulture = CultureInfo.InvariantCulture;

var live = !Console.IsOutputRedirected && AnsiConsole.Profile.Capabilities.Ansi;
if (!live)
    AnsiConsole.Profile.Width = 200;
return new Application(AnsiConsole.Console, Console.Out, Console.Error, live).Run(args);
