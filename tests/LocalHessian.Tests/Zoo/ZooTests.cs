using LocalHessian.Tests.Cases;
using Xunit.Abstractions;
using static TorchSharp.torch;

namespace LocalHessian.Tests.Zoo;

public class ZooTests(ITestOutputHelper output)
{
    [Fact, Trait("Category", "Slow")]
    public void Explore()
    {
        foreach (var network in Zoo.All)
        {
            foreach (var (name, use) in EntryPoints.All)
            {
                using var scope = NewDisposeScope();
                var watch = System.Diagnostics.Stopwatch.StartNew();
                var call = network.Build();
                string told;
                try { told = use(call); }
                catch (Exception e) { told = "CRASH " + e.GetType().Name + " " + e.Message.Split('\n')[0] + e.StackTrace?.Split('\n').FirstOrDefault(l => l.Contains("LocalHessian/src") || l.Contains("main/src")); }
                File.AppendAllText("/tmp/zoo.txt", $"{network.Name} | {name} | {watch.ElapsedMilliseconds} ms | {told}\n");
                call.Network.Dispose();
            }
            GC.Collect();
        }
        output.WriteLine("done");
    }
}
