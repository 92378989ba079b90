using CsCheck;
using VggCifar.Data;

namespace VggCifar.Tests.Reliability;

/// <summary>Wrong CIFAR files: code 2, and a message with the file, what was found and what was expected.</summary>
public class BadDataTests
{
    [Fact]
    public void Whole_files_are_read()
    {
        using var folder = new TemporaryFolder();
        Train(folder, "cifar10", CifarFiles.Write(folder, CifarFormat.Cifar10)).Code.Should().Be(0);
        using var other = new TemporaryFolder();
        Train(other, "cifar100", CifarFiles.Write(other, CifarFormat.Cifar100, 20)).Code.Should().Be(0);
    }

    [Fact]
    public void Files_missing_empty_cut_of_the_other_set_mislabelled_or_unreadable_are_named()
    {
        var format = CifarFormat.Cifar10;
        var whole = CifarFiles.Content(format, 4);
        var mislabelled = whole.ToArray();
        mislabelled[2 * format.RecordBytes] = 10;

        Refused(format, "data_batch_3.bin", File.Delete, "is missing", "data_batch_1.bin");
        Refused(format, "data_batch_3.bin", Set([]), "is empty", "records of 3073 bytes");
        Refused(format, "data_batch_3.bin", Set(whole[..^1]), "has 12291 bytes", "3073", "cut short");
        Refused(
            format, "test_batch.bin", Set(CifarFiles.Content(CifarFormat.Cifar100, 3)), "9222 bytes", "3073",
            "looks like CIFAR-100");
        Refused(format, "test_batch.bin", Set(mislabelled), "record 2 has label 10", "from 0 to 9");
        var fine = CifarFiles.Content(CifarFormat.Cifar100, 4);
        (fine[1], fine[3074]) = (100, 20);
        Refused(CifarFormat.Cifar100, "test.bin", Set(fine), "record 0 has label 100", "from 0 to 99");
        fine[1] = 99;
        Refused(CifarFormat.Cifar100, "test.bin", Set(fine), "record 1 has coarse label 20", "from 0 to 19");
        Refused(
            CifarFormat.Cifar100, "train.bin", Set(CifarFiles.Content(format, 3)), "9219 bytes", "3074", "looks like CIFAR-10");
    }

    [Fact]
    public void A_file_that_cannot_be_opened_or_a_folder_in_its_place_is_named()
    {
        using var folder = new TemporaryFolder();
        var root = CifarFiles.Write(folder, CifarFormat.Cifar10);
        var file = Path.Combine(root, CifarFormat.Cifar10.Folder, "data_batch_2.bin");
        using (new FileStream(file, FileMode.Open, FileAccess.ReadWrite, FileShare.None))
            Expect(Train(folder, "cifar10", root), folder, file, "cannot be read", "CIFAR-10 records");
        File.Delete(file);
        Directory.CreateDirectory(file);
        Expect(Train(folder, "cifar10", root), folder, file, "is missing");
    }

    [Fact]
    public void The_folder_of_the_other_set_and_too_many_images_are_refused()
    {
        using var folder = new TemporaryFolder();
        var root = CifarFiles.Write(folder, CifarFormat.Cifar10);
        Expect(Train(folder, "cifar100", root), folder, root, "no CIFAR-100 files", "train.bin");
        Expect(Train(folder, "cifar10", root, "--train-images", "21"), folder, root, "21 images were asked for", "only 20");
    }

    [Fact]
    public void What_lies_where_the_files_should_be_is_named_with_what_to_do()
    {
        var ten = CifarFormat.Cifar10;
        Wrong(
            "doubled", root => Write(Path.Combine(root, ten.Folder, ten.Folder, "test_batch.bin")),
            root => [$"give --data-root \"{Path.Combine(root, ten.Folder, ten.Folder)}\""]);
        Wrong(
            "packed", root => Write(Path.Combine(root, "cifar-10-binary.tar.gz")),
            root => [Path.Combine(root, "cifar-10-binary.tar.gz"), "not unpacked", "tar -xzf"]);
        Wrong(
            "pickles", root => Write(Path.Combine(root, "cifar-10-batches-py", "data_batch_1")),
            _ => ["Python version", $"{ten.Archive}"]);
        Wrong(
            "packed pickles", root => Write(Path.Combine(root, "cifar-10-python.tar.gz")),
            _ => ["not unpacked", "Python version", $"{ten.Archive}"]);
        Wrong(
            "matlab", root => Write(Path.Combine(root, "cifar-10-batches-mat", "data_batch_1.mat")),
            _ => ["Matlab version", $"{ten.Archive}"]);
        Wrong("empty", _ => { }, _ => ["expected data_batch_1.bin", "With --download they are fetched"]);

        using var folder = new TemporaryFolder();
        File.WriteAllText(folder.File("cifar-10-binary.tar.gz"), "");
        Expect(Train(folder, "cifar10", folder.File("cifar-10-binary.tar.gz")), folder, "is a file", "unpacked");
        File.WriteAllText(folder.File("test_batch.bin"), "");
        Expect(Train(folder, "cifar10", folder.File("test_batch.bin")), folder, "is a file; a folder is needed");

        static void Write(string path)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.WriteAllText(path, "");
        }

        static void Wrong(string name, Action<string> fill, Func<string, string[]> says)
        {
            using var folder = new TemporaryFolder();
            var root = Directory.CreateDirectory(folder.File(name)).FullName;
            fill(root);
            Expect(Train(folder, "cifar10", root), folder, ["--data-root", root, .. says(root)]);
        }
    }

    [Fact]
    public void Files_damaged_anywhere_are_read_or_refused_by_name_and_nothing_else()
    {
        using var folder = new TemporaryFolder();
        var format = CifarFormat.Cifar100;
        var path = folder.File("train.bin");
        var live = LiveTensors.Count();

        Damage.Of(CifarFiles.Content(format, 5)).Sample(bytes =>
        {
            File.WriteAllBytes(path, bytes);
            try
            {
                using var images = CifarReader.ReadFiles(format, [path]);
                // Pixels carry no checksum; what is read is at least whole records with labels in range.
                (images.Count * format.RecordBytes).Should().Be(bytes.Length);
                images.Labels.max().item<long>().Should().BeLessThan(100);
            }
            catch (UserError e)
            {
                e.Message.Should().StartWith($"'{path}'");
            }
        }, iter: 300, threads: 1);

        LiveTensors.Count().Should().Be(live);
    }

    private static Action<string> Set(byte[] content) => path => File.WriteAllBytes(path, content);

    private static void Refused(CifarFormat format, string name, Action<string> spoil, params string[] says)
    {
        using var folder = new TemporaryFolder();
        var root = CifarFiles.Write(folder, format);
        var file = Path.Combine(root, format.Folder, name);
        spoil(file);
        Expect(Train(folder, format == CifarFormat.Cifar10 ? "cifar10" : "cifar100", root), folder, [file, .. says]);
    }

    private static void Expect(Outcome outcome, TemporaryFolder folder, params string[] says)
    {
        outcome.Code.Should().Be(2);
        outcome.Errors.Should().ContainAll(says).And.NotContain("\n");
        Directory.Exists(folder.File("run")).Should().BeFalse("nothing is half done");
    }

    private static Outcome Train(TemporaryFolder folder, string data, string root, params string[] more) => InProcess.Run(
    [
        "train", "--data", data, "--data-root", root, "--width", "0.03125", "--epochs", "1", "--batch-size", "8", "--threads",
        "1",
        "--device", "cpu", "--out", folder.File("run"), .. more,
    ]);
}
