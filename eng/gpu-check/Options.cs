namespace GpuCheck;

/// <summary>What the command line asks for.</summary>
/// <param name="Device">cpu, lazy, cuda or cuda:1.</param>
/// <param name="LibTorch">Folder of libtorch's libraries; null where the dynamic loader finds them.</param>
/// <param name="DataRoot">Folder with CIFAR-100's official files; null for built-in images.</param>
/// <param name="Out">Where the report goes.</param>
/// <param name="Quick">Few tests, small networks: whether everything runs, no numbers worth keeping.</param>
internal sealed record Options(string Device, string? LibTorch, string? DataRoot, string Out, bool Quick)
{
    private const string Usage = "gpu-check [--device cuda] [--libtorch FOLDER] [--data-root FOLDER] [--out FOLDER] [--quick]";

    public bool IsCuda => Device.StartsWith("cuda", StringComparison.Ordinal);

    /// <summary>Why samples and benchmarks cannot run; null where they can.</summary>
    public string? WhyNoProgram => Device == "lazy"
        ? "The programs name the CPU and CUDA; the lazy device is started by the tests alone." : null;

    public static Options Parse(IReadOnlyList<string> args)
    {
        var (device, libTorch, data, output, quick) = ("cuda", (string?)null, (string?)null, ".", false);
        for (var i = 0; i < args.Count; i++)
        {
            string Value() => ++i < args.Count ? args[i] : throw new ArgumentException(
                $"{args[i - 1]}: a value is missing. {Usage}");
            switch (args[i])
            {
                case "--device": device = Value(); break;
                case "--libtorch": libTorch = Value(); break;
                case "--data-root": data = Path.GetFullPath(Value()); break;
                case "--out": output = Value(); break;
                case "--quick": quick = true; break;
                default: throw new ArgumentException($"'{args[i]}' is no option. {Usage}");
            }
        }

        if (device is not ("cpu" or "lazy") && !device.StartsWith("cuda", StringComparison.Ordinal))
            throw new ArgumentException($"--device: '{device}' is none of cpu, lazy, cuda, cuda:1.");
        return new(device, libTorch, data, Path.GetFullPath(output), quick);
    }
}
