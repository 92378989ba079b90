using LocalHessian.Internal;

namespace VggCifar.Tests.Reliability;

/// <summary>Several processes write one file.</summary>
public class SharedFileTests
{
    [Fact]
    public void Processes_that_save_to_one_path_all_succeed_and_a_reader_always_finds_one_whole_content()
    {
        using var folder = new TemporaryFolder();
        var path = folder.File("state.bin");
        File.WriteAllBytes(path, new byte[20_000]);
        using Saver one = new(path, 1, 1500), two = new(path, 2, 1500), three = new(path, 3, 1500);
        var reads = 0;

        do
        {
            using var reader = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read);
            var content = new byte[20_001];
            var length = reader.ReadAtLeast(content, content.Length, throwOnEndOfStream: false);
            length.Should().Be(20_000);
            content.AsSpan(0, length).IndexOfAnyExcept(content[0]).Should().Be(-1, "a file is one writer's");
            reads++;
        }
        while (!one.HasExited || !two.HasExited || !three.HasExited);

        one.Errors().Should().BeEmpty();
        two.Errors().Should().BeEmpty();
        three.Errors().Should().BeEmpty();
        reads.Should().BeGreaterThan(100);
        Directory.GetFiles(folder.Path).Should().Equal(path);
    }

    [Fact]
    public void What_a_killed_process_was_writing_goes_with_the_next_write_and_what_a_living_one_writes_stays()
    {
        using var folder = new TemporaryFolder();
        var path = folder.File("state.bin");
        using (var victim = new Saver(path, 1, 0))
        {
            while (Directory.GetFiles(folder.Path, "*.tmp").Sum(file => new FileInfo(file).Length) == 0)
                Thread.Sleep(5);
            AtomicFile.Write(path, stream => stream.Write("while it lives"u8));
            Directory.GetFiles(folder.Path, "*.tmp").Should().ContainSingle("its writer lives");
            victim.Kill();
        }

        AtomicFile.Write(path, stream =>
        {
            var living = Directory.GetFiles(folder.Path, "*.tmp").Should().ContainSingle(
                "the dead process's is gone, and this one is being written").Subject;
            AtomicFile.Write(path, inner => inner.Write("inner"u8));
            File.Exists(living).Should().BeTrue();
            stream.Write("outer"u8);
        });

        File.ReadAllText(path).Should().Be("outer");
        Directory.GetFiles(folder.Path).Should().Equal(path);
    }
}
