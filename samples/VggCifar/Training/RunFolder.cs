using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using LocalHessian.Internal;
using TorchSharp;
using VggCifar.Reporting;
using static TorchSharp.torch;

namespace VggCifar.Training;

/// <summary>
/// The folder a run writes: settings, checkpoints, tables and pictures. It is locked while a run uses it and never mixes two:
/// one that holds anything is refused unless the run in it is to go on (<c>--resume</c>) or to be replaced (<c>--force</c>).
/// </summary>
internal sealed class RunFolder : IDisposable
{
    public const string SettingsFile = "settings.json";
    private const string LockFile = "run.lock", Checkpoints = "checkpoints", NetworkFile = "network.dat";

    private readonly FileStream _lock;

    private RunFolder(string path, FileStream held) => (Path, _lock) = (path, held);

    public string Path { get; }

    /// <summary>
    /// The settings of the run that is in the folder; null where there is no run, and the folder is empty or not there.
    /// </summary>
    public static SavedSettings? ReadSettings(string path)
    {
        var file = System.IO.Path.Combine(path, SettingsFile);
        if (!File.Exists(file))
            return Directory.Exists(path) && Directory.EnumerateFileSystemEntries(path).Any(IsOfARun)
                ? throw new UserError(
                    $"--resume: the folder '{path}' is not empty, but holds no {SettingsFile}, without which no run goes on; "
                    + "--force starts one anew.")
                : null;
        try
        {
            var saved = Json.Read<SavedSettings>(File.ReadAllText(file));
            return saved.IsIntact() ? saved : throw new JsonException("its checksum does not fit its content.");
        }
        catch (JsonException e)
        {
            throw new UserError($"'{file}' cannot be read as the settings of a run: {e.Message} --force starts the run anew.");
        }
    }

    /// <summary>Takes the folder for a run; nothing in it changes when that is refused.</summary>
    public static RunFolder Open(string path, SavedSettings settings, bool resume, bool force)
    {
        RefuseMixing(path, resume, force);
        if (resume)
            ReadSettings(path);
        Directory.CreateDirectory(path);
        var folder = new RunFolder(path, Lock(path));
        try
        {
            if (force && !resume)
                folder.Clear();
            if (!File.Exists(folder.In(SettingsFile)))
                AtomicFile.WriteText(folder.In(SettingsFile), Json.Write(settings.Sealed()));
            Directory.CreateDirectory(folder.In(Checkpoints));
            return folder;
        }
        catch
        {
            folder.Dispose();
            throw;
        }
    }

    public string In(string name) => System.IO.Path.Combine(Path, name);

    public Checkpoint? Load(RunName name, string settings) =>
        File.Exists(CheckpointOf(name)) || Directory.Exists(CheckpointOf(name))
            ? Checkpoint.Read(CheckpointOf(name), name.Id, settings) : null;

    public void Save(RunName name, string settings, RunState state, Action<BinaryWriter> content) =>
        Checkpoint.Write(CheckpointOf(name), name.Id, settings, state, content);

    /// <summary>Writes the trained network and returns the SHA-256 of the file.</summary>
    public string SaveNetwork(nn.Module network)
    {
        AtomicFile.Write(In(NetworkFile), stream =>
        {
            using var writer = new BinaryWriter(stream, Encoding.UTF8, leaveOpen: true);
            network.save(writer);
        });
        return HashOf(In(NetworkFile));
    }

    /// <summary>Makes sure that the trained network is the one a finished run wrote.</summary>
    public void CheckNetwork(RunName name, string hash)
    {
        if (!File.Exists(In(NetworkFile)) || HashOf(In(NetworkFile)) != hash)
            throw new UserError($"'{In(NetworkFile)}' is {(File.Exists(In(NetworkFile)) ? "not what the run wrote" : "gone")}; "
                + $"delete '{CheckpointOf(name)}' to train it again.");
    }

    public void WriteEpochs(Settings settings, IReadOnlyList<RunResult> results)
    {
        AtomicFile.WriteText(In(EpochsCsv.FileName), EpochsCsv.Write(results));
        AtomicFile.WriteText(In(ResultsJson.FileName), ResultsJson.Write(settings, results));
    }

    public void Dispose() => _lock.Dispose();

    private static string HashOf(string path)
    {
        using var file = File.OpenRead(path);
        return Convert.ToHexString(SHA256.HashData(file));
    }

    private static bool IsOfARun(string entry)
    {
        var name = System.IO.Path.GetFileName(entry);
        return name != LockFile
            && !(name.StartsWith(SettingsFile + ".", StringComparison.Ordinal) && name
                .EndsWith(".tmp", StringComparison.Ordinal));
    }

    /// <summary>The checkpoint of a run in a folder, there or not.</summary>
    public static string CheckpointIn(string path, RunName name) =>
        System.IO.Path.Combine(path, Checkpoints, name.Id + ".checkpoint");

    private string CheckpointOf(RunName name) => CheckpointIn(Path, name);

    private static void RefuseMixing(string path, bool resume, bool force)
    {
        if (File.Exists(path))
            throw new UserError($"--out: '{path}' is a file; a folder is needed.");
        if (resume || force || !Directory.Exists(path))
            return;
        if (Directory.EnumerateFileSystemEntries(path).Any(entry => System.IO.Path.GetFileName(entry) != LockFile))
            throw new UserError(
                $"--out: the folder '{path}' is not empty; --resume goes on with the run in it, --force replaces it.");
    }

    private static FileStream Lock(string path)
    {
        try
        {
            return new FileStream(System.IO.Path.Combine(path, LockFile), FileMode.OpenOrCreate, FileAccess.Write,
                FileShare.None, 1,
                FileOptions.DeleteOnClose);
        }
        catch (IOException) when (File.Exists(System.IO.Path.Combine(path, LockFile)))
        {
            throw new UserError($"--out: another run is using the folder '{path}'.");
        }
    }

    /// <summary>Removes what a run writes, and nothing else.</summary>
    private void Clear()
    {
        string[] folders = [Checkpoints, TensorBoardLog.Folder, BlockRecords.Folder];
        foreach (var folder in folders.Where(name => Directory.Exists(In(name))))
            Directory.Delete(In(folder), recursive: true);
        string[] files = [SettingsFile, NetworkFile, EpochsCsv.FileName, ResultsJson.FileName, .. SummaryFiles.Names,
            .. Figures.Names];
        foreach (var file in files)
            File.Delete(In(file));
    }
}
