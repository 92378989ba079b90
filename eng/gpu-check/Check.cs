using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json;

namespace GpuCheck;

/// <summary>Runs everything that needs the device, each in a process of its own, and reports.</summary>
internal sealed class Check(Options options)
{
    private readonly List<string> _missing = [];

    public static int Run(Options options)
    {
        Directory.CreateDirectory(options.Out);
        var check = new Check(options);
        var training = new TrainingCheck(options);
        List<Item> items = [Item.Of("symbols of the libtorch found", check.Shim),
            // Quick: whether the suite starts; here the ordinary test run has the rest.
            Item.Of("CPU and device: the same steps, Hessians, spectra, reports", () => check.Suite(options.Quick
                ? "Devices.DeviceNumbersTests" : "Devices."))];
        if (!options.Quick) items.Add(Item.Of("the whole suite", () => check.Suite(null)));
        items.Add(check.WithProgram("steps against torch.optim.SGD's, medians, synchronised; ways of multiplying", check.Steps));
        items.Add(check.WithProgram("VggCifar, an epoch", () => training.Epoch()));
        if (!options.Quick)
        {
            items.Add(check.WithProgram("… channels last", () => training.Epoch("--memory-format", "channels-last")));
            items.Add(check.WithProgram("… in bfloat16", () => training.Epoch("--dtype", "bfloat16")));
        }

        items.Add(check.WithProgram("VggCifar, stopped after its first epoch and resumed, against a run that went through",
            training.Resume));
        if (!options.Quick) items.Add(check.WithProgram("SpectrumTour", check.Tour));
        var date = DateTime.UtcNow.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
        var report = new Report(date, options.Device, check.Card(), options.Quick, check._missing, items);
        report.Write(options.Out);
        Console.WriteLine(report.Table());
        return items.Any(i => i.State == "failed") ? 1 : 0;
    }

    private Item WithProgram(string name, Func<Outcome> check) => options.WhyNoProgram is { } why
        ? new(name, "not run", why, new Dictionary<string, double>()) : Item.Of(name, check);

    private string Card()
    {
        if (!options.IsCuda) return RuntimeInformation.OSArchitecture.ToString();
        try
        {
            string[] query = ["--query-gpu=name,driver_version,memory.total", "--format=csv,noheader"];
            return Tool.Run("nvidia-smi", query).Output.Trim().Split('\n')[0];
        }
        catch (System.ComponentModel.Win32Exception e)
        {
            return $"unknown: {e.Message}";
        }
    }

    /// <summary>Which symbols of libtorch TorchSharp's shim asks for and does not find.</summary>
    private Outcome Shim()
    {
        _missing.AddRange(Symbols.Missing(Symbols.Shim));
        var note = _missing.Count == 0 ? "" : $"{_missing.Count} missing, the first: {_missing[0]}";
        return new(_missing.Count == 0, note, new Dictionary<string, double> { ["missing"] = _missing.Count });
    }

    /// <param name="part">What the names of classes begin with; null for all.</param>
    private Outcome Suite(string? part)
    {
        // Those in Devices compare the CPU with the lazy device already.
        var device = options.Device == "lazy" && part is not null ? "cpu" : options.Device;
        var results = SuiteRun.Of(part ?? "", device);
        File.WriteAllText(Path.Combine(options.Out, $"gpu-suite{(part is null ? "" : "-devices")}.json"),
            JsonSerializer.Serialize(results, Report.Format) + "\n");
        if (part is null) File.WriteAllText(Path.Combine(options.Out, "gpu-suite.md"), SuiteRun.Table(results));
        var bad = results.SelectMany(r => r.Failures).ToList();
        return new(bad.Count == 0, bad.Count == 0 ? "" : $"the first: {bad[0]}", new Dictionary<string, double>
        {
            ["passed"] = results.Sum(r => r.Passed),
            ["failed"] = bad.Count,
            ["known faults of the device"] = results.Sum(r => r.Known.Count),
            ["skipped"] = results.Sum(r => r.Skipped.Values.Sum()),
            ["seconds"] = results.Sum(r => r.Seconds),
        });
    }

    private Outcome Steps()
    {
        string[] quick = options.Quick ? ["--quick"] : [];
        var tool = Tool.Run("LocalHessian.Benchmarks", ["device", "--device", options.Device, .. quick]).Completed();
        return new(true, "", JsonSerializer.Deserialize<Dictionary<string, double>>(tool.LastLine)!);
    }

    private Outcome Tour()
    {
        using var folder = new Scratch();
        var tool = Tool.Run("SpectrumTour", ["--device", options.Device, "--out", folder.Path]).Completed();
        return new(true, "", new Dictionary<string, double> { ["seconds"] = tool.Seconds });
    }
}
