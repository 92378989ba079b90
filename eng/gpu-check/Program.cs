using System.Globalization;
using GpuCheck;

// check (the default): everything, and a report; suite: the tests, in this process.
CultureInfo.CurrentCulture = CultureInfo.DefaultThreadCurrentCulture = CultureInfo.InvariantCulture;
try
{
    return args is ["suite", .. var filters] ? Suite.Run(filters) : Check.Run(Options.Parse(args));
}
catch (ArgumentException e)
{
    Console.Error.WriteLine(e.Message);
    return 2;
}
