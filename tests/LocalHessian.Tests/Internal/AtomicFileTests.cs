using LocalHessian.Internal;
using LocalHessian.Tests.Cases;

namespace LocalHessian.Tests.Internal;

public class AtomicFileTests
{
    [Fact]
    public void A_write_that_fails_on_the_way_leaves_the_previous_file_and_nothing_else()
    {
        using var folder = new TemporaryFolder();
        var path = folder.File("state.bin");
        AtomicFile.Write(path, s => s.Write("old"u8));

        var write = () => AtomicFile.Write(path, s =>
        {
            s.Write(new byte[100_000]);
            throw new IOException("No space left on device");
        });

        write.Should().Throw<IOException>().WithMessage("No space left*");
        File.ReadAllText(path).Should().Be("old");
        Directory.GetFiles(folder.Path).Should().Equal(path);
    }

    [Fact]
    public void What_a_kill_left_behind_goes_with_the_next_write_but_not_what_another_process_is_writing()
    {
        using var folder = new TemporaryFolder();
        var path = folder.File("state.bin");
        var (abandoned, live) = ($"{path}.{Guid.NewGuid():N}.tmp", $"{path}.{Guid.NewGuid():N}.tmp");
        var (foreign, others) = (path + ".tmp", folder.File($"other.bin.{Guid.NewGuid():N}.tmp"));
        foreach (var file in new[] { path, abandoned, foreign, others }) File.WriteAllText(file, "half");
        using var writing = new FileStream(live, FileMode.Create, FileAccess.Write, FileShare.None);

        AtomicFile.Write(path, s => s.Write("new"u8));

        File.ReadAllText(path).Should().Be("new");
        Directory.GetFiles(folder.Path).Should().BeEquivalentTo([path, live, foreign, others]);
    }

    [Fact]
    public void A_missing_folder_or_a_folder_in_the_files_place_is_an_error_that_names_it()
    {
        using var folder = new TemporaryFolder();
        var nowhere = System.IO.Path.Combine(folder.Path, "missing", "state.bin");

        var missing = () => AtomicFile.Write(nowhere, _ => { });
        var occupied = () => AtomicFile.Write(folder.Path, _ => { });

        missing.Should().Throw<IOException>().WithMessage("*missing*");
        occupied.Should().Throw<IOException>().WithMessage("*is a folder*");
        Directory.GetFileSystemEntries(folder.Path).Should().BeEmpty();
    }

    [Fact]
    public void A_link_stays_a_link_and_its_target_is_written()
    {
        using var folder = new TemporaryFolder();
        var (path, link) = (folder.File("state.bin"), folder.File("latest"));
        File.WriteAllText(path, "old");
        File.CreateSymbolicLink(link, path);

        AtomicFile.Write(link, s => s.Write("new"u8));

        File.ReadAllText(path).Should().Be("new");
        File.ResolveLinkTarget(link, false)!.FullName.Should().Be(path);
    }

    [Fact]
    public void A_read_only_folder_is_an_error_that_names_it_and_the_previous_file_stays()
    {
        if (!OperatingSystem.IsLinux()) return;
        using var folder = new TemporaryFolder();
        var path = folder.File("state.bin");
        AtomicFile.Write(path, s => s.Write("old"u8));
        File.SetUnixFileMode(folder.Path, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        // Root writes in any folder but those of the kernel.
        if (Environment.IsPrivilegedProcess) path = "/sys/kernel/uevent_seqnum";
        var before = File.ReadAllText(path);

        var write = () => AtomicFile.Write(path, s => s.Write("new"u8));

        write.Should().Throw<Exception>().Where(e => e is UnauthorizedAccessException || e is IOException).WithMessage($"*{path}*");
        File.SetUnixFileMode(folder.Path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        File.ReadAllText(path).Should().Be(before);
        Directory.GetFiles(folder.Path).Should().HaveCount(1);
    }
}
