using System.Globalization;

namespace GpuCheck;

/// <summary>The sample trains on the device, and goes on where it was stopped.</summary>
internal sealed class TrainingCheck(Options options)
{
    // Enough that a fast card has not trained them all when the signal comes.
    private const int Epochs = 10, Terminated = 143;

    /// <summary>What two runs on CUDA may differ by in their last training loss: cuDNN sums in an order of its own.</summary>
    private const double CudaDifference = 0.1;

    /// <param name="more">Options of the sample beside the usual ones.</param>
    public Outcome Epoch(params string[] more)
    {
        using var folder = new Scratch();
        Tool.Run("VggCifar", [.. Training(folder.Path, epochs: 1), .. more]).Completed();
        var last = LastEpoch(folder.Path);
        string[] kept = ["seconds", "images_per_second", "train_loss"];
        return new(true, options.DataRoot is null ? "built-in images" : "CIFAR-100", kept.ToDictionary(k => k, k => last[k]));
    }

    public Outcome Resume()
    {
        using Scratch through = new(), stopped = new();
        Tool.Run("VggCifar", Training(through.Path, Epochs)).Completed();
        var first = Tool.Run("VggCifar", Training(stopped.Path, Epochs), stopAt: " epoch 1/");
        if (first.ExitCode != Terminated) throw new InvalidOperationException($"It was to be stopped: {first.Complaint}");
        Tool.Run("VggCifar", ["train", "--out", stopped.Path, "--resume"]).Completed();
        var difference = Math.Abs(LastEpoch(through.Path)["train_loss"] - LastEpoch(stopped.Path)["train_loss"]);
        return new(difference <= (options.IsCuda ? CudaDifference : 0), "",
            new Dictionary<string, double> { ["difference of the last training loss"] = difference });
    }

    private string[] Training(string folder, int epochs)
    {
        string[] data = options.DataRoot is null
            ? ["--data", "builtin100"]
            : ["--data", "cifar100", "--data-root", options.DataRoot];
        string[] few = ["--train-images", "256", "--test-images", "100"];
        string[] images = !options.IsCuda ? few // a CPU would need hours
            : options.DataRoot is null ? ["--train-images", "50000", "--test-images", "10000"] : [];
        string[] size = options.Quick
            ? ["--network", "vgg11", "--width", "0.125", .. few]
            : ["--network", "vgg13", "--width", "1", "--batch-size", "128", .. images];
        return ["train", .. data, .. size, "--epochs", epochs.ToString(CultureInfo.InvariantCulture), "--device", options.Device,
            "--out", folder, "--force"];
    }

    private static Dictionary<string, double> LastEpoch(string folder)
    {
        var lines = File.ReadAllLines(Path.Combine(folder, "epochs.csv"));
        var numbers = new Dictionary<string, double>();
        foreach (var (name, text) in lines[0].Split(',').Zip(lines[^1].Split(',')))
            if (double.TryParse(text, CultureInfo.InvariantCulture, out var value)) numbers[name] = value;
        return numbers;
    }
}
