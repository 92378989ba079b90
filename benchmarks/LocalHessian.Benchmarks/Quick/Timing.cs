using System.Diagnostics;

namespace LocalHessian.Benchmarks.Quick;

/// <summary>Wall-clock times of alternatives that take turns, so that what else the machine does falls on all of them.</summary>
internal static class Timing
{
    /// <summary>Median seconds of each action over so many rounds, after a warm-up.</summary>
    public static double[] Medians(int rounds, params Action[] actions)
    {
        WarmUp(actions);
        var times = actions.Select(_ => new double[rounds]).ToArray();
        for (var round = 0; round < rounds; round++)
            for (var i = 0; i < actions.Length; i++)
            {
                BenchmarkDevice.Synchronise();
                var start = Stopwatch.GetTimestamp();
                actions[i]();
                BenchmarkDevice.Synchronise();
                times[i][round] = Stopwatch.GetElapsedTime(start).TotalSeconds;
            }

        var medians = times.Select(Median).ToArray();
        Console.Error.WriteLine("       medians, ms: " + string.Join(", ", medians.Select(m => $"{1000 * m:0.###}")));
        return medians;
    }

    /// <summary>Median time of the first action over that of the second.</summary>
    public static double Ratio(int rounds, Action action, Action baseline)
    {
        var medians = Medians(rounds, action, baseline);
        return medians[0] / medians[1];
    }

    // At least two rounds, and two seconds: until then .NET compiles anew, on a thread of its own, what is called often.
    private static void WarmUp(Action[] actions)
    {
        var start = Stopwatch.GetTimestamp();
        for (var round = 0; round < 2 || Stopwatch.GetElapsedTime(start).TotalSeconds < 2; round++)
            foreach (var action in actions)
            {
                action();
                BenchmarkDevice.Synchronise();
            }
    }

    private static double Median(double[] values)
    {
        Array.Sort(values);
        return (values[(values.Length - 1) / 2] + values[values.Length / 2]) / 2;
    }
}
