using System.Globalization;
using System.Runtime.CompilerServices;
using Xunit.Abstractions;
using Xunit.Sdk;

[assembly: TestCaseOrderer("LocalHessian.Tests.RandomOrder", "LocalHessian.Tests")]
[assembly: TestCollectionOrderer("LocalHessian.Tests.RandomOrder", "LocalHessian.Tests")]

namespace LocalHessian.Tests;

/// <summary>
/// Classes and their cases in another order for each number in LOCALHESSIAN_TEST_ORDER; with LOCALHESSIAN_TEST_COLLECT=1
/// garbage is collected
/// and finalized all the time. For what depends on memory that happens to be there, or on tensors that nobody holds.
/// </summary>
public sealed class RandomOrder : ITestCaseOrderer, ITestCollectionOrderer
{
    private static readonly string? Seed = Environment.GetEnvironmentVariable("LOCALHESSIAN_TEST_ORDER");

    public IEnumerable<TTestCase> OrderTestCases<TTestCase>(IEnumerable<TTestCase> testCases)
        where TTestCase : ITestCase => Ordered(testCases, c => c.UniqueID);

    public IEnumerable<ITestCollection> OrderTestCollections(IEnumerable<ITestCollection> testCollections) =>
        Ordered(testCollections, c => c.DisplayName);

    private static T[] Ordered<T>(IEnumerable<T> given, Func<T, string> name)
    {
        T[] ordered = [.. given.OrderBy(name, StringComparer.Ordinal)];
        if (!string.IsNullOrEmpty(Seed)) new Random(int.Parse(Seed, CultureInfo.InvariantCulture)).Shuffle(ordered);
        return ordered;
    }

    [ModuleInitializer]
    internal static void Collect()
    {
        if (Environment.GetEnvironmentVariable("LOCALHESSIAN_TEST_COLLECT") is not "1") return;
        new Thread(() =>
        {
            while (true)
            {
                GC.Collect();
                GC.WaitForPendingFinalizers();
                Thread.Sleep(10);
            }
        })
        { IsBackground = true, Name = "collecting" }.Start();
    }
}
