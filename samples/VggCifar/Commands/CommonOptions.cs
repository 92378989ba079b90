using System.CommandLine;
using VggCifar.Data;
using VggCifar.Model;
using VggCifar.Training;

namespace VggCifar.Commands;

/// <summary>The options both commands take, with their defaults.</summary>
internal sealed class CommonOptions
{
    /// <summary>As many as one array of .NET holds.</summary>
    private const int MostImages = 600_000;

    public readonly Option<string> Data =
        new("--data") { Description = "Data set: " + Sources.List + ".", DefaultValueFactory = _ => "builtin10" };
    public readonly Option<string?> DataRoot =
        new("--data-root") { Description = "Folder with the official binary CIFAR files." };
    public readonly Option<bool> Download =
        new("--download") { Description = "Fetch the official files into --data-root when they are not there." };
    public readonly Option<Uri?> Mirror = new("--download-from")
    {
        Description = "Fetch the archive from this address instead (same checksum).", CustomParser = Parse.Address,
    };
    public readonly Option<int?> TrainImages =
        Parse.Count("--train-images", "Use the first so many training images; default all, built-in data 2560.", MostImages);
    public readonly Option<int?> TestImages =
        Parse.Count("--test-images", "Use the first so many test images; default all, built-in data 1000.", MostImages);
    public readonly Option<string> Network =
        new("--network") { Description = $"Network: {string.Join(", ", Networks.Names)}.", DefaultValueFactory = _ => "vgg11" };
    public readonly Option<double?> Width =
        Parse.Number("--width", "Multiplies the channels of every layer; default 0.25, built-in data 0.125.");
    public readonly Option<double> InitScale =
        Parse.Number("--init-scale", "Multiplies the initial weights of the convolutions.", 1);
    public readonly Option<int?> Epochs = Parse.Count("--epochs", "Epochs of each run; default 30, built-in data 10.");
    public readonly Option<int?> BatchSize = Parse.Count("--batch-size", "Images a batch; default 128, built-in data 64.");
    public readonly Option<string> Augment = new("--augment")
    {
        Description = "paper (flip and rotate by up to 15 degrees), crop (pad by 4, crop, flip) or none.",
        DefaultValueFactory = _ => "crop",
    };
    public readonly Option<double> LabelNoise =
        Parse.Number("--label-noise", "Share of the training labels that are replaced by draws from all classes.", 0);
    public readonly Option<double> Momentum = Parse.Number("--momentum", "Momentum of every optimizer; AdamW's β₁.", 0.9);
    public readonly Option<double> LarsTrust = Parse.Number("--lars-trust", "Trust coefficient of LARS.", 0.001);
    public readonly Option<int?> Patience =
        Parse.Count("--patience", "Schedule plateau: epochs without better test accuracy before the rate falls; default 10.");
    public readonly Option<double> Factor = Parse.Number("--factor", "Schedule plateau: what the rate is multiplied by.", 0.5);
    public readonly Option<string> Device = new("--device") { Description = Devices.Help, DefaultValueFactory = _ => "auto" };
    public readonly Option<string> MemoryFormat = new("--memory-format")
    {
        Description =
            "Order of the images in memory: channels-last, contiguous or auto (channels-last on the CPU, where it is "
            + "faster).",
        DefaultValueFactory = _ => MemoryLayout.Auto,
    };
    public readonly Option<string> Dtype = new("--dtype")
    {
        Description =
            "float32, or bfloat16: weights and their updates stay float32, convolutions and linear layers compute in "
            + "bfloat16 (VGG networks).",
        DefaultValueFactory = _ => "float32",
    };
    public readonly Option<int?> Threads =
        Parse.Count("--threads", "CPU threads; default one a core. The last bits of the numbers depend on it.", 1024);
    public readonly Option<string?> Out =
        new("--out") { Description = "Folder for everything the run writes; default runs/<command>-<time>." };
    public readonly Option<bool> Resume =
        new("--resume") { Description = "Go on with the run in --out; the options are taken from there, or must be the same." };
    public readonly Option<bool> Force = new("--force") { Description = "Replace the run in --out." };
    public readonly Option<bool> TensorBoard = new("--tensorboard") { Description = "Also write TensorBoard scalars." };

    public readonly Option<int?> Monitor = Parse.Count(
        "--monitor",
        "Every so many steps write what the blocks' local Hessians are like: CSV, pictures, and TensorBoard with --tensorboard.");

    public readonly Option<bool> MonitorMayFail =
        new("--monitor-may-fail") { Description = "Go on training where the monitor's records cannot be written." };

    public readonly Option<bool> Mpi = new("--mpi")
    {
        Description =
            "Train every run on all ranks that mpirun or srun has started, each with its rows of every batch "
            + "(docs/cluster.md).",
    };

    public readonly Option<bool> SyncBatchNorm = new("--sync-bn")
    {
        Description =
            "Batch norm over the whole batch on all ranks of --mpi, so that numbers do not depend on how many there are.",
    };

    /// <summary>Which options decide a run's numbers, and the setting each is kept in.</summary>
    public IEnumerable<(Option Option, string Setting)> Decides =>
    [
        (Data, "data"), (TrainImages, "trainImages"), (TestImages, "testImages"), (Network, "network"), (Width, "width"),
        (InitScale, "initScale"),
        (Epochs, "epochs"), (BatchSize, "batchSize"), (Augment, "augment"), (LabelNoise, "labelNoise"),
        (Momentum, "momentum"), (LarsTrust, "larsTrust"), (Patience, "patience"),
        (Factor, "factor"), (Device, "device"), (MemoryFormat, "memoryFormat"), (Dtype, "dtype"), (Threads, "threads"),
        (SyncBatchNorm, "syncBatchNorm"),
    ];

    public IEnumerable<Option> All =>
    [
        Data, DataRoot, Download, Mirror, TrainImages, TestImages, Network, Width, InitScale, Epochs, BatchSize, Augment,
        LabelNoise, Momentum, LarsTrust,
        Patience, Factor, Device, MemoryFormat, Dtype, Threads, Out, Resume, Force, TensorBoard, Monitor, MonitorMayFail, Mpi,
        SyncBatchNorm,
    ];
}
