using System.Reflection;
using System.Text.Json;
using LocalHessian.Tests.Cases;
using Xunit.Abstractions;
using Xunit.Sdk;

namespace GpuCheck;

/// <summary>Runs the cases of the test assembly without the SDK.</summary>
internal static class Suite
{
    private const string Common = "LocalHessian.Tests.";

    /// <summary>What is slow, what looks at the repository, and what needs cultures, which a bare machine has none of.</summary>
    private static readonly string[] LeftOut = ["Slow", "Repository", "Culture"];

    /// <summary>The names of all classes, without the common beginning.</summary>
    public static IEnumerable<string> Classes()
    {
        using var framework = new XunitTestFramework(new Sink(_ => { }));
        return Find(framework).Select(ClassOf).Distinct().Order(StringComparer.Ordinal).ToList();
    }

    /// <summary>Runs a class; the last line that it writes is its result, of what has ended where it is broken off.</summary>
    public static int Run(string name)
    {
        using var framework = new XunitTestFramework(new Sink(_ => { }));
        var (passed, failures) = (0, new List<string>());
        var (known, skipped) = (new Dictionary<string, string>(), new Dictionary<string, int>());
        void Say(string? running) => Console.WriteLine(JsonSerializer.Serialize(
            new ClassResult(name, passed, failures, known, skipped) { Running = running }));
        using var done = new ManualResetEventSlim();
        framework.GetExecutor(Tests.GetName()).RunTests(Find(framework).Where(c => ClassOf(c) == name), new Sink(message =>
        {
            switch (message)
            {
                case ITestStarting start:
                    Say(start.Test.DisplayName[Common.Length..]);
                    break;
                case ITestPassed:
                    passed++;
                    break;
                case ITestSkipped skip:
                    skipped[skip.Reason] = skipped.GetValueOrDefault(skip.Reason) + 1;
                    break;
                case ITestFailed fail:
                    var test = fail.Test.DisplayName[Common.Length..];
                    if (LazyFaults.Of(test, string.Join(" ", fail.Messages)) is { } fault) known[test] = fault;
                    else failures.Add($"{test}: {string.Join(' ', fail.Messages).Split('\n')[0]}");
                    break;
                case ITestAssemblyFinished:
                    done.Set();
                    break;
            }
        }), new RunOptions());
        done.Wait();
        Say(null);
        return failures.Count > 0 ? 1 : 0;
    }

    private static Assembly Tests => typeof(TestDevice).Assembly;

    private static string ClassOf(ITestCase test) => test.TestMethod.TestClass.Class.Name[Common.Length..];

    private static List<ITestCase> Find(XunitTestFramework framework)
    {
        var cases = new List<ITestCase>();
        using var found = new ManualResetEventSlim();
        using var discoverer = framework.GetDiscoverer(Reflector.Wrap(Tests));
        discoverer.Find(false, new Sink(message =>
        {
            if (message is ITestCaseDiscoveryMessage { TestCase: var test }
                && !(test.Traits.TryGetValue("Category", out var categories) && categories.Intersect(LeftOut).Any()))
                cases.Add(test);
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
            ["xunit.execution.DisableParallelization"] = true,
            ["xunit.execution.SynchronousMessageReporting"] = true,
            ["xunit.discovery.PreEnumerateTheories"] = false,
        };

        public TValue GetValue<TValue>(string name) => _values.GetValueOrDefault(name) is TValue value ? value : default!;

        public void SetValue<TValue>(string name, TValue value) => _values[name] = value;
    }
}
