using System.Runtime.InteropServices;
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
    public void What_is_a_day_old_goes_with_the_next_write_but_not_what_another_machine_may_be_writing()
    {
        using var folder = new TemporaryFolder();
        var path = folder.File("state.bin");
        var (abandoned, live) = ($"{path}.{Guid.NewGuid():N}.tmp", $"{path}.{Guid.NewGuid():N}.tmp");
        var (foreign, others) = (path + ".tmp", folder.File($"other.bin.{Guid.NewGuid():N}.tmp"));
        foreach (var file in new[] { path, abandoned, live, foreign, others }) File.WriteAllText(file, "half");
        foreach (var file in new[] { abandoned, foreign, others }) File.SetLastWriteTimeUtc(file, DateTime.UtcNow.AddHours(-25));

        AtomicFile.Write(path, s => s.Write("new"u8));

        File.ReadAllText(path).Should().Be("new");
        Directory.GetFiles(folder.Path).Should().BeEquivalentTo([path, live, foreign, others]);
    }

    [Theory]
    [InlineData("device")]
    [InlineData("fifo")]
    [InlineData("socket")]
    [InlineData("link to a fifo")]
    public void A_device_a_pipe_and_a_socket_are_refused_and_stay(string name)
    {
        if (!OperatingSystem.IsLinux()) return;
        using var folder = new TemporaryFolder();
        var path = folder.File(name);
        using var socket = new System.Net.Sockets.Socket(System.Net.Sockets.AddressFamily.Unix,
            System.Net.Sockets.SocketType.Stream, 0);
        if (name == "socket") socket.Bind(new System.Net.Sockets.UnixDomainSocketEndPoint(path));
        if (name.EndsWith("fifo", StringComparison.Ordinal))
            MakeFifo(Native(folder.File("fifo")), ReadAndWrite).Should().Be(0);
        if (name.StartsWith("link", StringComparison.Ordinal)) File.CreateSymbolicLink(path, folder.File("fifo"));
        if (name == "device")
        {
            // Only root can make one; only others cannot cost the machine its own, should this test fail.
            var made = MakeNode(Native(path), CharacterDevice | ReadAndWrite, NullDevice) == 0;
            if (!made && Environment.IsPrivilegedProcess) return;
            if (!made) path = "/dev/null";
        }

        var before = Directory.GetFileSystemEntries(folder.Path);

        var write = () => AtomicFile.Write(path, s => s.Write("new"u8));

        write.Should().Throw<IOException>().WithMessage($"'{path}' is *");
        Directory.GetFileSystemEntries(folder.Path).Should().Equal(before);
    }

    [Theory]
    [InlineData(UnixFileMode.UserRead | UnixFileMode.UserWrite)]
    [InlineData(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.GroupWrite
        | UnixFileMode.OtherWrite)]
    public void A_file_that_is_replaced_keeps_its_mode_also_while_it_is_written(UnixFileMode mode)
    {
        if (OperatingSystem.IsWindows()) return;
        using var folder = new TemporaryFolder();
        var path = folder.File("state.bin");
        File.WriteAllText(path, "old");
        File.SetUnixFileMode(path, mode);
        UnixFileMode? meanwhile = null;

        AtomicFile.Write(path, s =>
        {
            if (!OperatingSystem.IsWindows()) meanwhile = File.GetUnixFileMode(Directory.GetFiles(folder.Path, "*.tmp").Single());
        });

        File.GetUnixFileMode(path).Should().Be(mode);
        meanwhile.Should().Be(mode);
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

        write.Should().Throw<Exception>().Where(e => e is UnauthorizedAccessException || e is IOException)
            .WithMessage($"*{path}*");
        File.SetUnixFileMode(folder.Path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        File.ReadAllText(path).Should().Be(before);
        Directory.GetFiles(folder.Path).Should().HaveCount(1);
    }

    private const uint ReadAndWrite = 0b110_000_000, CharacterDevice = 0x2000;
    private const ulong NullDevice = (1 << 8) | 3;

    private static byte[] Native(string path) => System.Text.Encoding.UTF8.GetBytes(path + '\0');

    // By the C library and not by programs, which a bare machine may lack.
    [DllImport("libc", EntryPoint = "mkfifo"), DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int MakeFifo(byte[] path, uint mode);

    [DllImport("libc", EntryPoint = "mknod"), DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int MakeNode(byte[] path, uint mode, ulong device);
}
