using System.CommandLine;
using VggCifar.Training;

namespace VggCifar.Commands;

/// <summary>What the command line asks for: settings that decide the numbers, and where things are.</summary>
internal sealed record Request(
    Settings Settings, string? DataRoot, bool Download, Uri? Mirror, string Out, bool Resume, bool Force, bool TensorBoard,
    int? Monitor, bool MonitorMayFail,
    bool Mpi, GridPart? Part, string Command, IReadOnlyList<IReadOnlyList<string>> Options)
{
    private const int BuiltInTrain = 2560, BuiltInTest = 1000;

    /// <summary>Reads and checks every option; nothing is written yet.</summary>
    public static Request From(ParseResult parsed, CommonOptions common, GridOptions grid)
    {
        var command = parsed.CommandResult.Command.Name;
        var data = Sources.Check(parsed.GetValue(common.Data)!);
        var builtIn = Sources.BuiltIn(data);
        var resume = parsed.GetValue(common.Resume);
        var folder = parsed.GetValue(common.Out);
        if (folder is "")
            throw new UserError("--out: the folder's name is empty.");
        if (resume && folder is null)
            throw new UserError("--resume needs --out, the folder of the run to go on with.");
        if (resume && parsed.GetValue(common.Force))
            throw new UserError("--resume and --force exclude each other.");
        if (!builtIn && parsed.GetValue(common.DataRoot) is null or { Length: 0 })
            throw new UserError(
                $"--data {data} needs --data-root, the folder with the official files (or, with --download, for them).");
        var settings = new Settings
        {
            Data = data,
            TrainImages = parsed.GetValue(common.TrainImages) ?? (builtIn ? BuiltInTrain : 0),
            TestImages = parsed.GetValue(common.TestImages) ?? (builtIn ? BuiltInTest : 0),
            Network = Check.OneOf("--network", parsed.GetValue(common.Network)!, Model.Networks.Names),
            Width =
                Check.Below("--width", Check.Above("--width", parsed.GetValue(common.Width) ?? (builtIn ? 0.125 : 0.25)), 100),
            InitScale = Check.Above("--init-scale", parsed.GetValue(common.InitScale)),
            Epochs = parsed.GetValue(common.Epochs) ?? (builtIn ? 10 : 30),
            BatchSize = parsed.GetValue(common.BatchSize) ?? (builtIn ? 64 : 128),
            Augment = Check.OneOf("--augment", parsed.GetValue(common.Augment)!, Data.Augmentation.Names),
            LabelNoise = Check.Below(
                "--label-noise", Check.Above("--label-noise", parsed.GetValue(common.LabelNoise), zero: true, "share"), 1,
                "share"),
            Device = Devices.Choose(parsed.GetValue(common.Device)!),
            MemoryFormat = Check.OneOf("--memory-format", parsed.GetValue(common.MemoryFormat)!, Data.MemoryLayout.Names),
            Dtype = Check.OneOf("--dtype", parsed.GetValue(common.Dtype)!, Model.LowerPrecision.Names),
            Threads = parsed.GetValue(common.Threads) ?? TorchSharp.torch.get_num_threads(),
            SyncBatchNorm = parsed.GetValue(common.SyncBatchNorm),
            Momentum = Check.Below(
                "--momentum", Check.Above("--momentum", parsed.GetValue(common.Momentum), zero: true, "momentum"), 1,
                "momentum"),
            LarsTrust = Check.Above("--lars-trust", parsed.GetValue(common.LarsTrust)),
            Patience = parsed.GetValue(common.Patience) ?? 10,
            Factor = Check.Below("--factor", Check.Above("--factor", parsed.GetValue(common.Factor)), 1),
            Seeds = grid.Seeds(parsed, builtIn ? 2 : 1),
            Grid = grid.Grid(parsed, Sources.Classes(data), builtIn),
        };
        if (settings.Momentum == 0 && settings.Grid.Any(spec => spec.Optimizer == OptimizerFactory.Nesterov))
            throw new UserError("--momentum: Nesterov momentum needs one above zero.");
        if (settings.Network == Model.ResNet.Name
            && settings.Grid.Any(spec => spec.Optimizer is OptimizerFactory.ScaleAmended or OptimizerFactory.Unit))
            throw new UserError(
                $"--network {settings.Network} has residual blocks, for which no closed form holds: choose the optimizer "
                + $"{OptimizerFactory.Measured}, scale-amended SGD with measured scales.");
        if (settings.Dtype != "float32" && settings.Network == Model.ResNet.Name)
            throw new UserError($"--dtype {settings.Dtype} is for the VGG networks, not for {settings.Network}.");
        var byBlock = settings.Grid.FirstOrDefault(
            spec => spec.Optimizer is OptimizerFactory.BlockTrace or OptimizerFactory.BlockRayleigh);
        if (settings.Dtype != "float32" && byBlock is not null)
            throw new UserError(
                $"--dtype {settings.Dtype}: {byBlock.Optimizer} measures on passes of its own, which are float32; choose "
                + "another optimizer.");
        var part = grid.Part(parsed);
        part?.Of(RunName.All(settings));
        var name = part is null ? "" : $"-part-{part.Number}-of-{part.Parts}";
        var time = DateTime.Now.ToString("yyyyMMdd-HHmmss", System.Globalization.CultureInfo.InvariantCulture);
        return new Request(
            settings, parsed.GetValue(common.DataRoot) is { Length: > 0 } root ? Path.GetFullPath(root) : null,
            parsed.GetValue(common.Download), parsed.GetValue(common.Mirror),
            Path.GetFullPath(folder ?? Path.Combine("runs", $"{command}-{time}{name}")), resume, parsed.GetValue(common.Force),
            parsed.GetValue(common.TensorBoard), parsed.GetValue(common.Monitor), parsed.GetValue(common.MonitorMayFail),
            parsed.GetValue(common.Mpi), part, command,
            [.. Given.Options(parsed).Select(option => Saved(option, common)).OfType<IReadOnlyList<string>>()]);
    }

    /// <summary>
    /// As settings.json keeps an option: not what holds for this start alone, and folders whatever the working directory is.
    /// </summary>
    private static IReadOnlyList<string>? Saved(IReadOnlyList<string> option, CommonOptions common) =>
        option[0] == common.Out.Name || option[0] == common.Resume.Name || option[0] == common.Force.Name
            || option[0] == common.Mpi.Name ? null
        : option[0] == common.DataRoot.Name && option[1].Length > 0 ? [option[0], Path.GetFullPath(option[1])]
        : option;
}
