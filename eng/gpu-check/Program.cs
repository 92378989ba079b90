using System.Globalization;
using GpuCheck;

// check (the default): everything, and a report; suite CLASS: a class of the tests, in this process; suite --list: which there
// are; symbols FILE: what a library needs and does not find.
CultureInfo.CurrentCulture = CultureInfo.DefaultThreadCurrentCulture = CultureInfo.InvariantCulture;
try
{
    switch (args)
    {
        case ["suite", "--list"]:
            foreach (var name in Suite.Classes()) Console.WriteLine(name);
            return 0;
        case ["suite", var name]:
            return Suite.Run(name);
        case ["symbols", var library]:
            var missing = Symbols.Missing(library);
            foreach (var line in missing) Console.WriteLine(line);
            return missing.Count > 0 ? 1 : 0;
        default:
            return Check.Run(Options.Parse(args));
    }
}
catch (ArgumentException e)
{
    Console.Error.WriteLine(e.Message);
    return 2;
}
