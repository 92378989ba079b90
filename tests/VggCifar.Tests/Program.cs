using System.Globalization;
using LocalHessian.Internal;

namespace VggCifar.Tests;

/// <summary>What a process of its own does for a test: it saves to one file over and over, or begins to and never ends.</summary>
internal static class Program
{
    private static int Main(string[] arguments)
    {
        var path = arguments[0];
        var (fill, times) = (
            byte.Parse(arguments[1], CultureInfo.InvariantCulture), int.Parse(arguments[2], CultureInfo.InvariantCulture));
        if (times == 0)
            AtomicFile.Write(path, stream =>
            {
                stream.Write("half"u8);
                stream.Flush();
                Thread.Sleep(Timeout.Infinite);
            });
        var content = new byte[20_000];
        Array.Fill(content, fill);
        for (var i = 0; i < times; i++)
            AtomicFile.Write(path, stream =>
            {
                stream.Write(content.AsSpan(0, 10_000));
                stream.Write(content.AsSpan(10_000));
            });
        return 0;
    }
}
