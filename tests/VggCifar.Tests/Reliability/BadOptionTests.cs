using TorchSharp;

namespace VggCifar.Tests.Reliability;

/// <summary>A wrong command line ends with code 2 and one sentence that names the option, before anything is written.</summary>
public class BadOptionTests
{
    [Theory]
    [InlineData("--lr NaN", "--lr", "NaN")]
    [InlineData("--lr Infinity", "--lr", "Infinity")]
    [InlineData("--lr 1e400", "--lr", "Infinity")]
    [InlineData("--lr -1", "--lr", "-1")]
    [InlineData("--lr 0", "--lr", "above zero")]
    [InlineData("--lr 0,1", "--lr", "above zero")] // two rates, and no decimal comma
    [InlineData("--lr 1e308", "--lr", "float32")]
    [InlineData("--weight-decay 1e39", "--weight-decay", "float32")]
    [InlineData("--lars-trust 1e39", "--lars-trust", "float32")]
    [InlineData("--init-scale 1e39", "--init-scale", "float32")]
    [InlineData("--momentum 0.999999999999", "--momentum", "below 1")] // 1 as float32
    [InlineData("--lr 0.01 --nonsense", "train has no option '--nonsense'", "--help")]
    [InlineData("--optimizer sgd --nonsense", "train has no option '--nonsense'", "--help")]
    [InlineData("--schedule cosine --nonsense 3", "train has no option '--nonsense'", "--help")]
    [InlineData("--epochs --nonsense", "train has no option '--nonsense'", "--help")]
    [InlineData("--data-root --nonsense", "train has no option '--nonsense'", "--help")]
    [InlineData("--lr fast", "--lr", "'fast' is not a number")]
    [InlineData("--weight-decay NaN", "--weight-decay", "NaN")]
    [InlineData("--weight-decay -1e-3", "--weight-decay", "-0.001")]
    [InlineData("--label-noise 1", "--label-noise", "below 1")]
    [InlineData("--label-noise -0.1", "--label-noise", "-0.1")]
    [InlineData("--momentum NaN", "--momentum", "NaN")]
    [InlineData("--momentum 1", "--momentum", "below 1")]
    [InlineData("--momentum 0,9", "--momentum", "'0,9' is not a number")]
    [InlineData("--width NaN", "--width", "NaN")]
    [InlineData("--width 1e9", "--width", "below 100")]
    [InlineData("--factor 1", "--factor", "below 1")]
    [InlineData("--init-scale -Infinity", "--init-scale", "-Infinity")]
    [InlineData("--lars-trust 0", "--lars-trust", "above zero")]
    [InlineData("--epochs 0", "--epochs", "'0'")]
    [InlineData("--epochs 99999999999", "--epochs", "99999999999")]
    [InlineData("--batch-size 2147483647", "--batch-size", "up to 1000000")]
    [InlineData("--train-images 2000000000", "--train-images", "up to 600000")]
    [InlineData("--threads 5000", "--threads", "up to 1024")]
    [InlineData("--batch-size 1.5", "--batch-size", "'1.5'")]
    [InlineData("--threads -1", "--threads", "'-1'")]
    [InlineData("--seed x", "--seed", "'x'")]
    [InlineData("--patience 0", "--patience", "'0'")]
    [InlineData("--monitor 0", "--monitor", "'0'")]
    [InlineData("--train-images 0", "--train-images", "'0'")]
    [InlineData("--data cifar1000", "--data", "cifar1000")]
    [InlineData("--data cifar10", "--data-root", "cifar10")]
    [InlineData("--data cifar10 --data-root nowhere", "nowhere", "does not exist")]
    [InlineData("--network vgg12", "--network", "vgg12")]
    [InlineData("--network resnet20", "--network", "sa-measured")]
    [InlineData("--optimizer adam", "--optimizer", "adam")]
    [InlineData("--schedule step", "--schedule", "step")]
    [InlineData("--augment mixup", "--augment", "mixup")]
    [InlineData("--device tpu", "--device", "tpu")]
    [InlineData("--download-from ftp://host", "--download-from", "ftp://host")]
    [InlineData("--unknown", "--unknown", "--help")]
    [InlineData("--resume --force", "--resume", "--force")]
    [InlineData("--lr 0.1 --lr 0.2", "train", "one value")]
    public void What_makes_no_sense_is_refused_by_name(string options, string culprit, string found)
    {
        using var folder = new TemporaryFolder();
        var tiny = options.StartsWith("--data ", StringComparison.Ordinal) ? ["train"] : InProcess.Tiny;
        var given = options.Split(' ');
        var outcome = InProcess.Run([.. Without(tiny, given[0]), .. given, "--out", folder.File("run")]);

        outcome.Code.Should().Be(2);
        outcome.Errors.Should().Contain(culprit).And.Contain(found).And.NotContain("\n");
        Directory.GetFileSystemEntries(folder.Path).Should().BeEmpty();
    }

    [Fact]
    public void A_device_that_is_not_there_is_refused_by_name()
    {
        if (torch.cuda.is_available()) return;
        using var folder = new TemporaryFolder();
        var outcome = InProcess.Run([.. Without(InProcess.Tiny, "--device"), "--device", "cuda", "--out", folder.File("run")]);
        outcome.Code.Should().Be(2);
        outcome.Errors.Should().Contain("--device cuda").And.Contain("--device cpu").And.NotContain("\n");
        Directory.GetFileSystemEntries(folder.Path).Should().BeEmpty();
    }

    [Fact]
    public void A_command_or_a_folder_that_cannot_be_is_refused()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder.File("file"), "mine");

        InProcess.Run("learn").Code.Should().Be(2);
        InProcess.Run().Code.Should().Be(2);
        InProcess.Run([.. InProcess.Tiny, "--resume"]).Errors.Should().Contain("--out");
        InProcess.Run([.. InProcess.Tiny, "--out", ""]).Errors.Should().Contain("empty");
        InProcess.Run([.. InProcess.Tiny, "--out", folder.File("file")]).Errors.Should().Contain("is a file");
        File.ReadAllText(folder.File("file")).Should().Be("mine");
    }

    private static IEnumerable<string> Without(string[] arguments, string option)
    {
        var at = Array.IndexOf(arguments, option);
        return at < 0 ? arguments : arguments.Where((_, i) => i != at && i != at + 1);
    }
}
