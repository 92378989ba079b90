using TorchSharp;
using static TorchSharp.torch;

namespace LocalHessian.Benchmarks.Quick;

/// <summary>Where everything is measured: the default device of the process.</summary>
internal static class BenchmarkDevice
{
    /// <summary>
    /// Takes <c>--device NAME</c> out of a command line, and makes that device the default; null for a device that there is
    /// not.
    /// </summary>
    public static string[]? Choose(string[] args)
    {
        var at = Array.IndexOf(args, "--device");
        if (at < 0) return args;
        var name = at + 1 < args.Length ? args[at + 1] : "";
        var known = name == "cpu" || (name.Split(':') is ["cuda"] or ["cuda", _] && cuda.is_available());
        if (!known)
        {
            Console.Error.WriteLine($"--device: '{name}' is not here; cpu, cuda or cuda:1 where there is such a card.");
            return null;
        }

        Name = name;
        set_default_device(new Device(name));
        return [.. args[..at], .. args[(at + 2)..]];
    }

    public static string Name { get; private set; } = "cpu";

    /// <summary>Waits for what has been launched, without which a launch is all that is timed.</summary>
    public static void Synchronise()
    {
        if (Name != "cpu") cuda.synchronize();
    }
}
