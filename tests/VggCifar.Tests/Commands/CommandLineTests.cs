namespace VggCifar.Tests.Commands;

public class CommandLineTests
{
    [Theory]
    [InlineData("A command is missing: train, compare or gather*")]
    [InlineData("'trian' is no command; there are train, compare and gather*", "trian", "--epochs", "3")]
    [InlineData("'--epochs' is no command*", "--epochs", "3")]
    [InlineData("train has no option '--epoch'*", "train", "--epoch", "3")]
    [InlineData("train has no option '--seeds'*", "train", "--seeds", "3")]
    [InlineData("compare has no option 'extra'*", "compare", "extra")]
    [InlineData("*'--lr'*", "train", "--lr")]
    [InlineData("--epochs: '0' is not a whole number above zero*", "train", "--epochs", "0")]
    [InlineData("--epochs: '1e3' is not a whole number above zero*", "train", "--epochs", "1e3")]
    [InlineData("--width: '1,5' is not a number*", "train", "--width", "1,5")]
    [InlineData("--width: the value is -1; it must be a finite number above zero.", "train", "--width", "-1")]
    [InlineData("--width: the value is 1000; it must be below 100.", "train", "--width", "1e3")]
    [InlineData("--init-scale: the value is Infinity*", "train", "--init-scale", "Infinity")]
    [InlineData("--momentum: the momentum is 1; it must be below 1.", "train", "--momentum", "1")]
    [InlineData("--network: 'vgg12' is unknown; it takes vgg11, vgg13, vgg16, vgg19, resnet20.", "train", "--network", "vgg12")]
    [InlineData("--data: 'mnist' is unknown; it takes builtin10, builtin100, cifar10, cifar100.", "train", "--data", "mnist")]
    [InlineData("--data cifar100 needs --data-root*", "train", "--data", "cifar100")]
    [InlineData("--download-from: 'ftp://x' is not an http or https address*", "train", "--download-from", "ftp://x")]
    [InlineData("--augment: 'cutout' is unknown; it takes paper, crop, none.", "train", "--augment", "cutout")]
    [InlineData("--device: 'tpu' is none of cpu, cuda, cuda:1 (a card by its number), auto.", "train", "--device", "tpu")]
    [InlineData("--resume needs --out*", "train", "--resume")]
    [InlineData("train takes one value of each option; compare takes several.", "train", "--optimizer", "sgd,sa")]
    [InlineData("*sa-measured*", "train", "--network", "resnet20")]
    public void A_wrong_command_line_is_one_sentence_and_code_two(string message, params string[] arguments)
    {
        var outcome = InProcess.Run(arguments);

        outcome.Code.Should().Be(2);
        outcome.Errors.Should().Match(message).And.NotContain("\n");
        outcome.Output.Should().BeEmpty();
    }

    [Fact]
    public void A_data_folder_that_is_missing_or_empty_is_refused_before_a_folder_is_made()
    {
        using var folder = new TemporaryFolder();
        foreach (var (root, message) in new[]
        {
            (folder.File("missing"), "*does not exist*"),
            (folder.Path, "*no CIFAR-100 files in*expected train.bin, test.bin*"),
        })
        {
            var outcome = InProcess.Run("train", "--data", "cifar100", "--data-root", root, "--out", folder.File("run"));

            outcome.Code.Should().Be(2);
            outcome.Errors.Should().Match(message).And.NotContain("\n");
            Directory.EnumerateFileSystemEntries(folder.Path).Should().BeEmpty();
        }
    }

    [Fact]
    public void Help_lists_every_option_of_both_commands_and_ends_with_code_zero()
    {
        InProcess.Run("--help").Output.Should().Contain("train").And.Contain("compare");
        foreach (var command in new[] { "train", "compare" })
        {
            var help = InProcess.Run(command, "--help");
            help.Code.Should().Be(0);
            help.Output.Should().ContainAll(
                "--lr", "--weight-decay", "--schedule", "--init-scale", "--data-root", "--download", "--device",
                "--tensorboard", "--resume");
        }
    }
}
