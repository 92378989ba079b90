using VggCifar.Data;

namespace VggCifar.Tests.Reliability;

/// <summary>--resume: what may have changed since the start, and what may not.</summary>
public sealed class ResumeOptionTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private string Run => _folder.File("run");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Data_that_changed_since_the_start_are_refused_and_data_that_only_moved_are_not()
    {
        var root = CifarFiles.Write(_folder, CifarFormat.Cifar10, records: 8);
        Cifar("--data-root", root).Code.Should().Be(0);
        var before = Experiments.Result(Run);
        var moved = _folder.File("elsewhere");
        Directory.Move(root, moved);

        Resume().Errors.Should().Contain(root).And.NotContain("\n");
        Resume("--data-root", moved).Should().Match<Outcome>(outcome => outcome.Code == 0 && outcome.Errors.Length == 0);
        Experiments.Result(Run).Should().Be(before);

        Changed(
            "fewer", file => File.WriteAllBytes(file, CifarFiles.Content(CifarFormat.Cifar10, 1)),
            "*data are not those*40 training and 8 test images then, 33 and 8 now*");
        Changed(
            "more", file => File.WriteAllBytes(file, CifarFiles.Content(CifarFormat.Cifar10, 12)),
            "*data are not those*40 training and 8 test images then, 44 and 8 now*");
        Changed("a pixel", file => Flip(file, 100), "*data are not those*other pixels or labels*");
        Changed(
            "a label", file => File.WriteAllBytes(file, [3, .. File.ReadAllBytes(file)[1..]]),
            "*data are not those*other pixels or labels*");

        void Changed(string what, Action<string> change, string message)
        {
            var file = Path.Combine(moved, CifarFormat.Cifar10.Folder, "data_batch_2.bin");
            var content = File.ReadAllBytes(file);
            change(file);
            var outcome = Resume("--data-root", moved);
            File.WriteAllBytes(file, content);
            outcome.Code.Should().Be(2, what);
            outcome.Errors.Should().Match(message).And.NotContain("\n");
            Experiments.Result(Run).Should().Be(before);
        }
    }

    [Fact]
    public void A_relative_data_root_holds_from_another_working_directory()
    {
        var root = CifarFiles.Write(_folder, CifarFormat.Cifar10);
        Cifar("--data-root", Path.GetRelativePath(Environment.CurrentDirectory, root)).Code.Should().Be(0);

        File.ReadAllText(Path.Combine(Run, "settings.json")).Should().Contain($"\"{root}\"");
        Resume().Code.Should().Be(0);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_run_started_with_a_response_file_goes_on_without_it(bool commandToo)
    {
        var file = _folder.File("options.rsp");
        File.WriteAllLines(file, [.. commandToo ? InProcess.Tiny : InProcess.Tiny[1..], "--out", $"\"{Run}\""]);
        InProcess.Run([.. commandToo ? Array.Empty<string>() : ["train"], "@" + file]).Code.Should().Be(0);
        File.Delete(file);

        var outcome = Resume();

        outcome.Errors.Should().BeEmpty();
        outcome.Code.Should().Be(0);
    }

    [Fact]
    public void A_folder_whose_name_begins_with_an_at_sign_is_no_response_file_when_a_run_goes_on()
    {
        var root = _folder.File("@data");
        Directory.CreateDirectory(root);
        Directory.Move(CifarFiles.Write(_folder, CifarFormat.Cifar10), Path.Combine(root, "inner"));
        Cifar("--data-root", Path.Combine(root, "inner")).Code.Should().Be(0);
        Resume().Code.Should().Be(0);
    }

    [Theory]
    [InlineData("--lr", "9", "sa-lr9-wd0.005-plateau", "sa-lr0.005-wd0.005-plateau")]
    [InlineData("--epochs", "7", "--epochs asks for 7", "the run has 1")]
    [InlineData("--data", "builtin100", "builtin100", "builtin10")]
    [InlineData("--width", "1", "--width", "0.03125")]
    public void Another_value_is_refused_by_the_name_of_the_option_that_was_given_and_no_other(
        string option, string value, params string[] says)
    {
        InProcess.Run([.. InProcess.Tiny, "--out", Run]).Code.Should().Be(0);

        var outcome = Resume(option, value);

        outcome.Code.Should().Be(2);
        outcome.Errors.Should().ContainAll(["other settings", option, .. says])
            .And.NotContainAny("trainImages", "patience", "\n");
    }

    [Fact]
    public void The_same_values_given_again_are_no_other_settings()
    {
        InProcess.Run([.. InProcess.Tiny, "--out", Run]).Code.Should().Be(0);
        Resume("--lr", "0.0050", "--epochs", "1", "--tensorboard").Should()
            .Match<Outcome>(outcome => outcome.Code == 0 && outcome.Errors.Length == 0);
        InProcess.Run([.. InProcess.Tiny, "--resume", "--out", Run]).Code.Should().Be(0);
    }

    [Theory]
    [InlineData("--width", "0.0625")]
    [InlineData("--momentum", "0.5")]
    [InlineData("--epochs", "3")]
    [InlineData("--train-images", "20")]
    [InlineData("--network", "vgg13")]
    public void A_checkpoint_of_a_run_with_other_settings_is_refused_by_name(string option, string value)
    {
        InProcess.Run([.. InProcess.Tiny, "--out", Run]).Code.Should().Be(0);
        var other = _folder.File("other");
        string[] changed = [.. InProcess.Tiny];
        if (Array.IndexOf(changed, option) is >= 0 and var at) changed[at + 1] = value;
        else changed = [.. changed, option, value];
        InProcess.Run([.. changed, "--out", other]).Code.Should().Be(0);
        var checkpoint = Directory.GetFiles(Path.Combine(Run, "checkpoints")).Single();
        File.Copy(Directory.GetFiles(Path.Combine(other, "checkpoints")).Single(), checkpoint, overwrite: true);

        var outcome = Resume();

        outcome.Code.Should().Be(2);
        outcome.Errors.Should().Contain(checkpoint).And.Contain("other settings").And.NotContain("\n");
    }

    [Theory]
    [InlineData("\"epochs\": 1", "\"epochs\": 2", true)]
    [InlineData("\"epochs\": 1", "\"epochs\": 2", false)]
    [InlineData("", "", true)]
    public void Edited_settings_are_refused_also_with_an_empty_checksum(string find, string replace, bool emptied)
    {
        InProcess.Run([.. InProcess.Tiny, "--out", Run]).Code.Should().Be(0);
        var file = Path.Combine(Run, "settings.json");
        var text = File.ReadAllText(file);
        if (find.Length > 0) text = text.Replace(find, replace, StringComparison.Ordinal);
        if (emptied)
            text = System.Text.RegularExpressions.Regex.Replace(text, "\"checksum\": \"[0-9A-F]*\"", "\"checksum\": \"\"");
        File.WriteAllText(file, text);

        var outcome = Resume();

        outcome.Code.Should().Be(2);
        outcome.Errors.Should().Contain(file).And.NotContain("\n");
    }

    [Theory]
    [InlineData]
    [InlineData("--width", "0.0625")]
    public void Without_its_settings_a_folder_is_not_entered(params string[] options)
    {
        InProcess.Run([.. InProcess.Tiny, "--out", Run]).Code.Should().Be(0);
        File.Delete(Path.Combine(Run, "settings.json"));
        var before = Directory.GetFileSystemEntries(Run);

        var outcome = Resume(options);

        outcome.Code.Should().Be(2);
        outcome.Errors.Should().Contain("settings.json").And.Contain(Run).And.Contain("--force").And.NotContain("\n");
        Directory.GetFileSystemEntries(Run).Should().BeEquivalentTo(before);
    }

    [Fact]
    public void The_trained_network_of_a_finished_run_is_the_one_it_wrote_or_the_run_says_so()
    {
        InProcess.Run([.. InProcess.Tiny, "--out", Run]).Code.Should().Be(0);
        var network = Path.Combine(Run, "network.dat");
        Flip(network, 200);
        Resume().Errors.Should().Contain(network).And.Contain("not what the run wrote").And.NotContain("\n");
        File.Delete(network);
        Resume().Errors.Should().Contain(network).And.Contain("gone").And.NotContain("\n");
    }

    private Outcome Resume(params string[] options) => InProcess.Run(["train", "--resume", "--out", Run, .. options]);

    private Outcome Cifar(params string[] options) => InProcess.Run(
    [
        "train", "--data", "cifar10", "--width", "0.03125", "--epochs", "1", "--batch-size", "8", "--threads", "1",
        "--device", "cpu", "--out", Run, .. options,
    ]);

    private static void Flip(string file, int at)
    {
        var bytes = File.ReadAllBytes(file);
        bytes[at] ^= 1;
        File.WriteAllBytes(file, bytes);
    }
}
