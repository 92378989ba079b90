using System.CommandLine;
using VggCifar.Commands;
using VggCifar.Training;

namespace VggCifar.Tests.Commands;

/// <summary>One table of all options: what each changes in what is asked for.</summary>
public class OptionTableTests
{
    private sealed record Row(string Arguments, Func<Request, object?> What, object? Expected, object? Otherwise);

    private static readonly Dictionary<string, Row> Table = new()
    {
        ["--data"] = new("--data builtin100", r => r.Settings.Data, "builtin100", "builtin10"),
        ["--data-root"] = new("--data-root /some/where", r => r.DataRoot, Path.GetFullPath("/some/where"), null),
        ["--download"] = new("--download", r => r.Download, true, false),
        ["--download-from"] = new("--download-from http://host/file", r => r.Mirror, new Uri("http://host/file"), null),
        ["--train-images"] = new("--train-images 7", r => r.Settings.TrainImages, 7, 2560),
        ["--test-images"] = new("--test-images 7", r => r.Settings.TestImages, 7, 1000),
        ["--network"] = new("--network VGG16", r => r.Settings.Network, "vgg16", "vgg11"),
        ["--width"] = new("--width 0.5", r => r.Settings.Width, 0.5, 0.125),
        ["--init-scale"] = new("--init-scale 3", r => r.Settings.InitScale, 3.0, 1.0),
        ["--epochs"] = new("--epochs 7", r => r.Settings.Epochs, 7, 10),
        ["--batch-size"] = new("--batch-size 7", r => r.Settings.BatchSize, 7, 64),
        ["--augment"] = new("--augment paper", r => r.Settings.Augment, "paper", "crop"),
        ["--label-noise"] = new("--label-noise 0.2", r => r.Settings.LabelNoise, 0.2, 0.0),
        ["--momentum"] = new("--momentum 0", r => r.Settings.Momentum, 0.0, 0.9),
        ["--lars-trust"] = new("--lars-trust 0.02", r => r.Settings.LarsTrust, 0.02, 0.001),
        ["--patience"] = new("--patience 3", r => r.Settings.Patience, 3, 10),
        ["--factor"] = new("--factor 0.1", r => r.Settings.Factor, 0.1, 0.5),
        ["--device"] = new("--device cpu", r => r.Settings.Device, "cpu", Devices.Choose("auto")),
        ["--threads"] = new("--threads 3", r => r.Settings.Threads, 3, TorchSharp.torch.get_num_threads()),
        ["--out"] = new("--out /some/where", r => r.Out, Path.GetFullPath("/some/where"), null),
        ["--resume"] = new("--resume --out x", r => r.Resume, true, false),
        ["--force"] = new("--force", r => r.Force, true, false),
        ["--tensorboard"] = new("--tensorboard", r => r.TensorBoard, true, false),
        ["--monitor"] = new("--monitor 7", r => r.Monitor, 7, null),
        ["--monitor-may-fail"] = new("--monitor-may-fail", r => r.MonitorMayFail, true, false),
        ["--memory-format"] = new("--memory-format contiguous", r => r.Settings.MemoryFormat, "contiguous", "auto"),
        ["--dtype"] = new("--dtype bfloat16", r => r.Settings.Dtype, "bfloat16", "float32"),
        ["--mpi"] = new("--mpi", r => r.Mpi, true, false),
        ["--sync-bn"] = new("--sync-bn", r => r.Settings.SyncBatchNorm, true, false),
        ["--part"] = new("--part 2/3", r => r.Part?.ToString(), "2/3", null),
        ["--optimizer"] = new("--optimizer lars", r => r.Settings.Grid.Single().Optimizer, "lars", "sa"),
        ["--optimizers"] = new("--optimizers lars,sgd", r => Distinct(r, s => s.Optimizer), "lars sgd", "sgd lars lsalr sa"),
        ["--lr"] = new("--lr 0.3", r => Distinct(r, s => s.Rate), "0.3", "0.005"),
        ["--weight-decay"] = new("--weight-decay 0.3", r => Distinct(r, s => s.WeightDecay), "0.3", "0.005"),
        ["--schedule"] = new("--schedule cosine", r => Distinct(r, s => s.Schedule), "cosine", "plateau"),
        ["--seed"] = new("--seed 7", r => r.Settings.Seeds[0], 7L, 1L),
        ["--seeds"] = new("--seeds 3", r => r.Settings.Seeds.Count, 3, 2),
    };

    public static TheoryData<string> Names => new(Table.Keys);

    [Theory]
    [MemberData(nameof(Names))]
    public void An_option_changes_what_it_names_and_without_it_there_is_the_default(string name)
    {
        var row = Table[name];
        var several = name is "--optimizers" or "--seeds" or "--part";

        row.What(Read(several, row.Arguments.Split(' '))).Should().Be(row.Expected);
        if (name != "--out")
            row.What(Read(several)).Should().Be(row.Otherwise);
    }

    [Fact]
    public void Every_option_is_in_the_table()
    {
        var all = new CommonOptions().All.Concat(new GridOptions(false).All).Concat(new GridOptions(true).All)
            .Select(option => option.Name).Distinct();

        Table.Keys.Should().BeEquivalentTo(all);
    }

    [Fact]
    public void Every_option_that_changes_the_settings_is_kept_from_changing_when_a_run_goes_on()
    {
        foreach (var several in new[] { false, true })
        {
            var (common, grid) = (new CommonOptions(), new GridOptions(several));
            var decides = common.Decides.Concat(grid.Decides).Select(pair => pair.Option.Name).ToHashSet();
            foreach (var (name, row) in Table.Where(pair => common.All.Concat(grid.All).Any(option => option.Name == pair.Key)))
                if (Json.Write(Read(several, row.Arguments.Split(' ')).Settings) != Json.Write(Read(several).Settings))
                    decides.Should().Contain(name);
        }
    }

    private static string Distinct(Request request, Func<OptimizerSpec, IFormattable> value) =>
        Distinct(request, spec => value(spec).ToString(null, System.Globalization.CultureInfo.InvariantCulture));

    private static string Distinct(Request request, Func<OptimizerSpec, string> value) =>
        string.Join(' ', request.Settings.Grid.Select(value).Distinct());

    private static Request Read(bool several, params string[] arguments)
    {
        var (common, grid) = (new CommonOptions(), new GridOptions(several));
        var command = new Command(several ? "compare" : "train");
        foreach (var option in common.All.Concat(grid.All)) command.Options.Add(option);
        return Request.From(command.Parse(arguments), common, grid);
    }
}
