using System.Formats.Tar;
using System.IO.Compression;
using System.Security.Cryptography;
using VggCifar.Data;

namespace VggCifar.Tests.Data;

public class CifarDownloadTests
{
    [Fact]
    public void The_archive_is_fetched_checked_and_unpacked_and_nothing_else_is_left()
    {
        using var folder = new TemporaryFolder();
        var (format, archive) = Archive(folder);
        using var server = new Server(archive);
        var root = folder.File("root");
        var said = new List<string>();

        CifarDownload.Fetch(format, root, server.Address, said.Add);

        Directory.EnumerateFileSystemEntries(root).Select(Path.GetFileName).Should().Equal(format.Folder);
        Directory.EnumerateFiles(Path.Combine(root, format.Folder)).Select(Path.GetFileName).Should()
            .BeEquivalentTo(format.Files);
        CifarFolder.IsComplete(format, root).Should().BeTrue();
        using var data = CifarReader.Read(format, root);
        data.Train.Labels.data<long>()[1].Should().Be(CifarFiles.Label(format, 1));
        said[0].Should().Contain(server.Address.ToString());
        said.Should().Contain(line => line.Contains("100 percent"));
    }

    [Fact]
    public void A_wrong_checksum_is_one_sentence_and_leaves_no_file()
    {
        using var folder = new TemporaryFolder();
        var (format, archive) = Archive(folder);
        archive[^1] ^= 1;
        using var server = new Server(archive);
        var root = folder.File("root");

        var fetch = () => CifarDownload.Fetch(format, root, server.Address, _ => { });

        fetch.Should().Throw<UserError>().WithMessage($"*{Md5(archive)}; expected {format.ArchiveMd5}*");
        Directory.Exists(root).Should().BeFalse("it was not there before");
    }

    [Fact]
    public void A_connection_that_breaks_is_one_sentence_leaves_no_file_and_the_next_try_starts_again()
    {
        using var folder = new TemporaryFolder();
        var (format, archive) = Archive(folder);
        var root = folder.File("root");
        using (var broken = new Server(archive, sends: archive.Length / 2))
        {
            var fetch = () => CifarDownload.Fetch(format, root, broken.Address, _ => { });
            fetch.Should().Throw<UserError>().WithMessage("--download:*could not be fetched*");
        }

        Directory.Exists(root).Should().BeFalse("it was not there before");
        using var server = new Server(archive);
        CifarDownload.Fetch(format, root, server.Address, _ => { });
        CifarFolder.IsComplete(format, root).Should().BeTrue();
    }

    [Fact]
    public void A_server_that_falls_silent_is_given_up()
    {
        using var folder = new TemporaryFolder();
        var (format, archive) = Archive(folder);
        using var server = new Server(archive, sends: archive.Length / 2, hangs: true);

        var fetch = () => CifarDownload.Fetch(format, folder.File("root"), server.Address, _ => { }, TimeSpan.FromSeconds(0.1));

        fetch.Should().Throw<UserError>().WithMessage("*sent nothing for 0.1 seconds*");
        Directory.Exists(folder.File("root")).Should().BeFalse();
    }

    [Fact]
    public void What_a_kill_left_behind_does_not_pass_for_data_and_is_replaced()
    {
        using var folder = new TemporaryFolder();
        var (format, archive) = Archive(folder);
        var root = folder.File("root");
        Directory.CreateDirectory(Path.Combine(root, format.Folder + ".part"));
        File.WriteAllBytes(Path.Combine(root, format.Folder + ".tar.gz.part"), archive[..50]);
        File.WriteAllText(Path.Combine(root, format.Folder + ".part", format.TestFile), "half of it");
        CifarFolder.IsComplete(format, root).Should().BeFalse();
        using var server = new Server(archive);

        CifarDownload.Fetch(format, root, server.Address, _ => { });

        Directory.EnumerateFileSystemEntries(root).Select(Path.GetFileName).Should().Equal(format.Folder);
        CifarReader.Read(format, root).Dispose();
    }

    [Fact]
    public void A_missing_page_an_address_where_nobody_listens_and_a_root_that_is_a_file_are_one_sentence()
    {
        using var folder = new TemporaryFolder();
        var (format, archive) = Archive(folder);
        using var server = new Server(archive);
        var file = folder.File("file");
        File.WriteAllText(file, "");
        Uri gone;
        using (var closed = new Server(archive)) gone = closed.Address;

        foreach (var (root, address) in new[]
        {
            (folder.File("a"), new Uri(server.Address, "missing")), (folder.File("b"), gone), (file, server.Address),
            (Path.Combine(file, "c"), server.Address),
        })
        {
            var fetch = () => CifarDownload.Fetch(format, root, address, _ => { });
            fetch.Should().Throw<UserError>().WithMessage("--download:*could not be fetched*");
        }
    }

    [Fact]
    public void The_published_checksums_are_written_as_the_program_writes_them()
    {
        foreach (var format in new[] { CifarFormat.Cifar10, CifarFormat.Cifar100 })
            format.ArchiveMd5.Should().MatchRegex("^[0-9a-f]{32}$");
    }

    /// <summary>CIFAR-100 in small, its archive, and the format with that archive's checksum.</summary>
    private static (CifarFormat Format, byte[] Archive) Archive(TemporaryFolder folder)
    {
        var official = CifarFormat.Cifar100;
        var source = folder.File("source");
        CifarFiles.Write(official, Path.Combine(source, official.Folder), imagesPerFile: 20);
        File.WriteAllText(Path.Combine(source, official.Folder, "fine_label_names.txt"), "apple");
        using var stream = new MemoryStream();
        using (var zipped = new GZipStream(stream, CompressionLevel.NoCompression, leaveOpen: true))
            TarFile.CreateFromDirectory(source, zipped, includeBaseDirectory: false);
        var archive = stream.ToArray();
        return (official with { ArchiveMd5 = Md5(archive) }, archive);
    }

    private static string Md5(byte[] bytes)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.MD5);
        hash.AppendData(bytes);
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
