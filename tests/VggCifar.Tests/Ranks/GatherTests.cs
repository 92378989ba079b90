using VggCifar.Training;

namespace VggCifar.Tests.Ranks;

/// <summary>A grid of eight runs in four parts, and the same grid in one.</summary>
public sealed class GatherTests(GatherTests.Grid grid) : IClassFixture<GatherTests.Grid>
{
    private static readonly string[] Options =
        [.. InProcess.Tiny[1..], "--optimizers", "sgd,sa", "--lr", "sgd=0.05,0.1", "sa=0.01,0.02", "--seeds", "2"];

    [Fact]
    public void Gathered_parts_give_the_files_of_the_grid_in_one_equal_byte_for_byte_but_for_times()
    {
        var gathered = grid.Gather("whole", [.. Enumerable.Range(1, 4)]);
        gathered.Code.Should().Be(0, gathered.Errors);
        var names = Directory.EnumerateFiles(grid.Folder("whole")).Select(Path.GetFileName).Order().ToList();
        names.Should().Equal(Directory.EnumerateFiles(grid.Folder("one")).Select(Path.GetFileName).Order());
        names.Should().Contain(["epochs.csv", "results.json", "summary.csv", "summary.md", "settings.json", "rates.png"]);
        foreach (var name in names)
            grid.Content("whole", name!).Should().Equal(grid.Content("one", name!), name);
        gathered.Output.Should().Contain("scale-amended SGD at 0.0").And.Contain("(two paired seeds)");
    }

    [Fact]
    public void The_gathered_folder_is_a_finished_run_that_can_be_resumed()
    {
        grid.Gather("resumed", [1, 2, 3, 4]).Code.Should().Be(0);
        var resumed = InProcess.Run("compare", "--resume", "--out", grid.Folder("resumed"));
        resumed.Code.Should().Be(0, resumed.Errors);
        resumed.Output.Should().Contain("[8/8] sa-lr0.02-wd0.005-plateau-seed2: done before");
    }

    [Fact]
    public void Missing_parts_are_named_with_their_runs()
    {
        var outcome = grid.Gather("missing", [1, 2, 4]);
        outcome.Code.Should().Be(2);
        outcome.Errors.Should().Contain("sa-lr0.01-wd0.005-plateau-seed1 is missing").And.Contain("seed2 is missing")
            .And.Contain("No folder is of part 3/4.");
        Directory.Exists(grid.Folder("missing")).Should().BeFalse();
    }

    [Fact]
    public void Overlapping_parts_are_named()
    {
        Copy(grid.Folder("part2"), grid.Folder("again"));
        var outcome = grid.Run("gather", [.. Enumerable.Range(1, 4).Select(n => grid.Folder($"part{n}")), grid.Folder("again")],
            "overlap");
        outcome.Code.Should().Be(2);
        outcome.Errors.Should().Contain($"sgd-lr0.1-wd0.005-plateau-seed1 is in two parts: "
            + $"'{Path.Combine(grid.Folder("part2"), "checkpoints")}");
    }

    [Fact]
    public void Damaged_and_unfinished_parts_are_named()
    {
        Copy(grid.Folder("part3"), grid.Folder("damaged"));
        var file = Directory.EnumerateFiles(Path.Combine(grid.Folder("damaged"), "checkpoints")).Order().First();
        File.WriteAllBytes(file, [.. File.ReadAllBytes(file).SkipLast(5)]);
        var outcome = grid.Run("gather",
            [grid.Folder("part1"), grid.Folder("part2"), grid.Folder("damaged"), grid.Folder("part4")], "bad");
        outcome.Code.Should().Be(2);
        outcome.Errors.Should().Contain($"'{file}' is no checkpoint of this run: its checksum does not fit its content");
        File.Delete(file);
        grid.Run("gather", [grid.Folder("part1"), grid.Folder("part2"), grid.Folder("damaged"), grid.Folder("part4")], "bad")
            .Errors.Should().Contain($"{Path.GetFileNameWithoutExtension(file)} is missing");
    }

    [Fact]
    public void Parts_of_other_grids_and_folders_without_a_part_are_named()
    {
        InProcess.Run(["compare", .. Options, "--momentum", "0.5", "--part", "2/4", "--out", grid.Folder("other")]).Code
            .Should().Be(0);
        grid.Run("gather", [grid.Folder("part1"), grid.Folder("other")], "mixed")
            .Errors.Should().Be($"The folders are of different grids: momentum differs between '{grid.Folder("part1")}' and "
                + $"'{grid.Folder("other")}'.");
        grid.Run("gather", [Path.GetTempPath()], "none").Errors.Should().Contain("holds no part of a grid: there is no "
            + "settings.json in it");
        InProcess.Run("gather", grid.Folder("part1")).Errors.Should().Be("gather needs --out, the folder for the whole grid.");
    }

    [Theory]
    [InlineData("0/4")]
    [InlineData("5/4")]
    [InlineData("1")]
    [InlineData("a/b")]
    [InlineData("-1/4")]
    public void What_is_no_part_is_refused(string part)
    {
        var outcome = InProcess.Run(["compare", .. Options, "--part", part]);
        outcome.Code.Should().Be(2);
        outcome.Errors.Should().Contain($"'{part}' is no part of a grid");
    }

    [Fact]
    public void A_part_without_runs_is_refused() => InProcess.Run(["compare", .. Options, "--part", "9/9"])
        .Errors.Should().Be("--part 9/9: the grid has 8 runs only, so this part has none.");

    private static void Copy(string from, string to)
    {
        foreach (var file in Directory.EnumerateFiles(from, "*", SearchOption.AllDirectories))
        {
            var copy = Path.Combine(to, Path.GetRelativePath(from, file));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(file, copy, overwrite: true);
        }
    }

    public sealed class Grid : IDisposable
    {
        private readonly TemporaryFolder _folder = new();

        public Grid()
        {
            InProcess.Run(["compare", .. Options, "--out", Folder("one")]).Code.Should().Be(0);
            for (var part = 1; part <= 4; part++)
                InProcess.Run(["compare", .. Options, "--part", $"{part}/4", "--out", Folder($"part{part}")]).Code.Should().Be(0);
        }

        public string Folder(string name) => _folder.File(name);

        internal Outcome Gather(string into, int[] parts) => Run("gather", [.. parts.Select(n => Folder($"part{n}"))], into);

        internal Outcome Run(string command, string[] folders, string into) =>
            InProcess.Run([command, .. folders, "--out", Folder(into)]);

        /// <summary>A file's bytes without the times in it.</summary>
        public byte[] Content(string folder, string name)
        {
            var path = Path.Combine(Folder(folder), name);
            return name switch
            {
                "epochs.csv" => Bytes(File.ReadLines(path).Select(line => string.Join(',', line.Split(',').SkipLast(2)))),
                "results.json" => Bytes(File.ReadLines(path).Where(line => !line.Contains("econd", StringComparison.Ordinal))),
                _ => File.ReadAllBytes(path),
            };
        }

        public void Dispose() => _folder.Dispose();

        private static byte[] Bytes(IEnumerable<string> lines) => System.Text.Encoding.UTF8.GetBytes(string.Join('\n', lines));
    }
}
