using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json;

namespace GpuCheck;

/// <summary>Runs everything that needs the device, each in a process of its own, and reports.</summary>
internal sealed class Check(Options options)
{
    private readonly List<Item> _items = [];

    public static int Run(Options options)
    {
        var check = new Check(options);
        var missing = check.Symbols();
        check.Suite("CPU and device: the same steps, Hessians, spectra, reports", ["Tests.Devices."]);
        if (!options.Quick) check.Suite("the whole suite", []);
        check.Steps();
        check.Epoch();
        check.Resume();
        var report = new Report(
            DateTime.UtcNow.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture), options.Device, check.Card(), options.Quick, missing, check._items);
        report.Write(options.Out);
        Console.WriteLine(report.Table());
        return check._items.Any(i => i.State == "failed") ? 1 : 0;
    }

    private string Card()
    {
        if (!options.IsCuda) return RuntimeInformation.OSArchitecture.ToString();
        try { return Tool.Run("nvidia-smi", ["--query-gpu=name,driver_version,memory.total", "--format=csv,noheader"]).Output.Trim().Split('\n')[0]; }
        catch (System.ComponentModel.Win32Exception e) { return $"unknown: {e.Message}"; }
    }

    /// <summary>Which symbols of libtorch the shim asks for and does not find.</summary>
    private List<string> Symbols()
    {
        var ldd = Tool.Run("ldd", ["-r", Path.Combine(AppContext.BaseDirectory, "libLibTorchSharp.so")]);
        var lines = (ldd.Output + ldd.Errors).Split('\n');
        var missing = lines.Where(l => l.StartsWith("undefined symbol", StringComparison.Ordinal)).Select(l => l.Split(['\t', ' '], StringSplitOptions.RemoveEmptyEntries)[2]).ToList();
        missing.AddRange(lines.Where(l => l.Contains("not found", StringComparison.Ordinal) && !l.Contains("weak version", StringComparison.Ordinal)).Select(l => l.Trim()));
        Add("symbols of the libtorch found", missing.Count == 0, missing.Count == 0 ? "" : $"{missing.Count} missing, the first: {missing[0]}", new() { ["missing"] = missing.Count });
        return missing;
    }

    private void Suite(string name, string[] filters)
    {
        var device = options.Device == "lazy" && filters.Length > 0 ? "cpu" : options.Device; // those compare the CPU with the lazy device already
        Try(name, () =>
        {
            var tool = Tool.Run("GpuCheck", ["suite", .. filters], new Dictionary<string, string> { ["LOCALHESSIAN_TEST_DEVICE"] = device });
            if (!tool.LastLine.StartsWith('{')) throw new InvalidOperationException(tool.Complaint);
            var result = JsonSerializer.Deserialize<SuiteResult>(tool.LastLine)!;
            File.WriteAllText(Path.Combine(options.Out, $"gpu-suite{(filters.Length > 0 ? "-devices" : "")}.json"), tool.LastLine + "\n");
            Add(name, tool.ExitCode == 0, result.Failed > 0 ? $"the first: {result.Failures[0]}" : "", new()
            {
                ["passed"] = result.Passed, ["failed"] = result.Failed, ["skipped"] = result.Skipped, ["seconds"] = tool.Seconds,
            });
        });
    }

    private void Steps()
    {
        const string name = "steps against torch.optim.SGD's, medians, synchronised; both ways of multiplying";
        Try(name, () =>
        {
            var tool = Tool.Run("LocalHessian.Benchmarks", ["device", "--device", options.Device, .. options.Quick ? new[] { "--quick" } : []]);
            if (tool.ExitCode != 0) throw new InvalidOperationException(tool.Complaint);
            var numbers = JsonSerializer.Deserialize<Dictionary<string, double>>(tool.LastLine)!;
            Add(name, true, "", numbers);
        });
    }

    private void Epoch()
    {
        const string name = "VggCifar, an epoch";
        Try(name, () =>
        {
            using var folder = new Scratch();
            var tool = Tool.Run("VggCifar", Training(folder.Path, epochs: 1));
            if (tool.ExitCode != 0) throw new InvalidOperationException(tool.Complaint);
            var last = Last(folder.Path);
            Add(name, true, options.DataRoot is null ? "built-in images" : "CIFAR-100", new() { ["seconds"] = last["seconds"], ["images_per_second"] = last["images_per_second"], ["train_loss"] = last["train_loss"] });
        });
    }

    private void Resume()
    {
        const string name = "VggCifar, stopped after its first epoch and resumed, against a run that went through";
        Try(name, () =>
        {
            using Scratch through = new(), stopped = new();
            var whole = Tool.Run("VggCifar", Training(through.Path, epochs: 2));
            if (whole.ExitCode != 0) throw new InvalidOperationException(whole.Complaint);
            var first = Tool.Run("VggCifar", Training(stopped.Path, epochs: 2), null, (process, line) =>
            {
                if (line.Contains("epoch", StringComparison.OrdinalIgnoreCase) && line.Contains('1', StringComparison.Ordinal))
                    Tool.Run("kill", ["-INT", process.Id.ToString(CultureInfo.InvariantCulture)]);
            });
            var second = Tool.Run("VggCifar", ["train", "--out", stopped.Path, "--resume"]);
            if (first.ExitCode != 130 || second.ExitCode != 0) throw new InvalidOperationException($"stopped with {first.ExitCode}; resumed with {second.Complaint}");
            var difference = Math.Abs(Last(through.Path)["train_loss"] - Last(stopped.Path)["train_loss"]);
            // cuDNN sums in an order of its own, so that two runs on CUDA are alike but not equal.
            Add(name, difference <= (options.IsCuda ? 0.1 : 0), "", new() { ["difference of the last training loss"] = difference });
        });
    }

    private string[] Training(string folder, int epochs)
    {
        string[] data = options.DataRoot is null ? ["--data", "builtin100"] : ["--data", "cifar100", "--data-root", options.DataRoot];
        string[] size = options.Quick
            ? ["--network", "vgg11", "--width", "0.125", "--train-images", "256", "--test-images", "100"]
            : ["--network", "vgg13", "--width", "1", "--batch-size", "128", .. options.DataRoot is null ? new[] { "--train-images", "50000", "--test-images", "10000" } : []];
        return ["train", .. data, .. size, "--epochs", epochs.ToString(CultureInfo.InvariantCulture), "--device", options.Device, "--out", folder, "--force"];
    }

    private static Dictionary<string, double> Last(string folder)
    {
        var lines = File.ReadAllLines(Path.Combine(folder, "epochs.csv"));
        return lines[0].Split(',').Zip(lines[^1].Split(','))
            .Where(p => double.TryParse(p.Second, CultureInfo.InvariantCulture, out _)).ToDictionary(p => p.First, p => double.Parse(p.Second, CultureInfo.InvariantCulture));
    }

    private void Try(string name, Action action)
    {
        Console.Error.WriteLine(name);
        Directory.CreateDirectory(options.Out);
        if (options.WhyNoProgram is { } why && !name.Contains("suite", StringComparison.Ordinal) && !name.Contains("CPU and device", StringComparison.Ordinal))
        {
            _items.Add(new(name, "not run", why, new Dictionary<string, double>()));
            return;
        }

        try { action(); }
        catch (Exception e) when (e is InvalidOperationException or IOException or System.ComponentModel.Win32Exception or JsonException or KeyNotFoundException)
        {
            Add(name, false, e.Message, []);
        }
    }

    private void Add(string name, bool passed, string note, Dictionary<string, double> numbers) => _items.Add(new(name, passed ? "passed" : "failed", note, numbers));

    private sealed class Scratch : IDisposable
    {
        public string Path { get; } = Directory.CreateTempSubdirectory("gpu-check").FullName;

        public void Dispose() => Directory.Delete(Path, recursive: true);
    }
}
