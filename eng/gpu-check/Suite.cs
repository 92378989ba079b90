using System.Reflection;
using System.Text.Json;
using Xunit.Abstractions;
using Xunit.Sdk;

namespace GpuCheck;

/// <summary>What a run of the tests gave.</summary>
internal sealed record SuiteResult(int Passed, int Failed, int Skipped, IReadOnlyList<string> Failures, IReadOnlyDictionary<string, int> SkipReasons);

/// <summary>Runs the cases of the test assembly without the SDK.</summary>
internal static class Suite
{
    /// <summary>Leaves out what is slow, and what looks at the repository.</summary>
    private static readonly string[] LeftOut = ["Slow", "Repository"];

    /// <param name="filters">Cases whose names contain one of these; none for all.</param>
    public static int Run(IReadOnlyList<string> filters)
    {
        var assembly = Assembly.Load("LocalHessian.Tests");
        using var framework = new XunitTestFramework(new Sink(_ => { }));
        var chosen = Find(framework, assembly).Where(c => filters.Count == 0 || filters.Any(f => c.DisplayName.Contains(f, StringComparison.Ordinal)))
            .Where(c => !(c.Traits.TryGetValue("Category", out var categories) && categories.Intersect(LeftOut).Any())).ToList();
        var (passed, failures, skipped) = (0, new List<string>(), new Dictionary<string, int>());
        using var done = new ManualResetEventSlim();
        framework.GetExecutor(assembly.GetName()).RunTests(chosen, new Sink(message =>
        {
            switch (message)
            {
                case ITestStarting start when Environment.GetEnvironmentVariable("GPU_CHECK_VERBOSE") is not null:
                    Console.Error.WriteLine(start.Test.DisplayName);
                    break;
                case ITestPassed:
                    passed++;
                    break;
                case ITestSkipped skip:
                    skipped[skip.Reason] = skipped.GetValueOrDefault(skip.Reason) + 1;
                    break;
                case ITestFailed fail:
                    failures.Add($"{fail.Test.DisplayName}: {fail.Messages[0].Split('\n')[0]}");
                    Console.Error.WriteLine("FAILED " + failures[^1]);
                    break;
                case ITestAssemblyFinished:
                    done.Set();
                    break;
            }
        }), new RunOptions());
        done.Wait();
        Console.WriteLine(JsonSerializer.Serialize(new SuiteResult(passed, failures.Count, skipped.Values.Sum(), failures, skipped)));
        return failures.Count > 0 || passed == 0 ? 1 : 0;
    }

    private static List<ITestCase> Find(XunitTestFramework framework, Assembly assembly)
    {
        var cases = new List<ITestCase>();
        using var found = new ManualResetEventSlim();
        using var discoverer = framework.GetDiscoverer(Reflector.Wrap(assembly));
        discoverer.Find(false, new Sink(message =>
        {
            if (message is ITestCaseDiscoveryMessage discovery) cases.Add(discovery.TestCase);
            if (message is IDiscoveryCompleteMessage) found.Set();
        }), new RunOptions());
        found.Wait();
        return cases;
    }

    private sealed class Sink(Action<IMessageSinkMessage> seen) : IMessageSink
    {
        public bool OnMessage(IMessageSinkMessage message)
        {
            seen(message);
            return true;
        }
    }

    private sealed class RunOptions : ITestFrameworkDiscoveryOptions, ITestFrameworkExecutionOptions
    {
        private readonly Dictionary<string, object?> _values = new()
        {
            ["xunit.execution.DisableParallelization"] = true, ["xunit.execution.SynchronousMessageReporting"] = true, ["xunit.discovery.PreEnumerateTheories"] = false,
        };

        public TValue GetValue<TValue>(string name) => _values.GetValueOrDefault(name) is TValue value ? value : default!;

        public void SetValue<TValue>(string name, TValue value) => _values[name] = value;
    }
}
