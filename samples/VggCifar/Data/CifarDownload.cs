using System.Formats.Tar;
using System.IO.Compression;
using System.Security.Cryptography;

namespace VggCifar.Data;

/// <summary>
/// Fetches the official archive, checks its MD5 and unpacks it. Both steps work under temporary names, so that a download
/// broken off at any moment starts again cleanly and never looks complete.
/// </summary>
internal static class CifarDownload
{
    private const int BufferBytes = 1 << 17;

    /// <param name="patience">How long to wait for the next bytes; default a minute.</param>
    public static void Fetch(CifarFormat format, string root, Uri address, Action<string> say, TimeSpan? patience = null)
    {
        var archive = Path.Combine(root, format.Folder + ".tar.gz.part");
        var unpacked = Path.Combine(root, format.Folder + ".part");
        var newRoot = !Directory.Exists(root);
        try
        {
            Directory.CreateDirectory(root);
            say($"fetching {address}");
            Download(address, archive, format.ArchiveMd5, say, patience ?? TimeSpan.FromMinutes(1));
            say("unpacking");
            Unpack(format, archive, unpacked);
            Directory.CreateDirectory(Path.Combine(root, format.Folder));
            foreach (var file in format.Files)
                File.Move(Path.Combine(unpacked, file), Path.Combine(root, format.Folder, file), overwrite: true);
        }
        catch (Exception e) when (
            e is IOException or HttpRequestException or UnauthorizedAccessException or TaskCanceledException)
        {
            throw new UserError($"--download: {address} could not be fetched into '{root}': {e.Message}");
        }
        finally
        {
            if (File.Exists(archive))
                File.Delete(archive);
            if (Directory.Exists(unpacked))
                Directory.Delete(unpacked, recursive: true);
            if (newRoot && Directory.Exists(root) && !Directory.EnumerateFileSystemEntries(root).Any())
                Directory.Delete(root);
        }
    }

    private static void Download(Uri address, string path, string md5, Action<string> say, TimeSpan patience)
    {
        using var client = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Get, address);
        using var response = client.Send(request, HttpCompletionOption.ResponseHeadersRead);
        response.EnsureSuccessStatusCode();
        var length = response.Content.Headers.ContentLength;
        using var source = response.Content.ReadAsStream();
        using var target = new FileStream(path, FileMode.Create, FileAccess.Write);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.MD5);
        var buffer = new byte[BufferBytes];
        var (done, told) = (0L, 0L);
        for (int read; (read = Read(source, buffer, patience)) > 0;)
        {
            target.Write(buffer, 0, read);
            hash.AppendData(buffer, 0, read);
            done += read;
            if (length is > 0 && done * 10 / length.Value > told)
                say($"  {told = done * 10 / length.Value}0 percent of {length.Value >> 20} MiB");
        }
        var found = Convert.ToHexStringLower(hash.GetHashAndReset());
        if (found != md5)
            throw new UserError($"--download: {address} gave {done} bytes with MD5 {found}; expected {md5}. Nothing was kept.");
    }

    /// <summary>The client's own timeout ends with the headers.</summary>
    private static int Read(Stream source, byte[] buffer, TimeSpan patience)
    {
        using var late = new CancellationTokenSource(patience);
        try
        {
            return source.ReadAsync(buffer, late.Token).AsTask().GetAwaiter().GetResult();
        }
        catch (OperationCanceledException)
        {
            throw new IOException(FormattableString.Invariant(
                $"the server sent nothing for {patience.TotalSeconds:0.#} seconds"));
        }
    }

    /// <summary>Takes the data files out of the archive, whatever folder they are in, and nothing else.</summary>
    private static void Unpack(CifarFormat format, string archive, string folder)
    {
        Directory.CreateDirectory(folder);
        using var file = File.OpenRead(archive);
        using var unzipped = new GZipStream(file, CompressionMode.Decompress);
        using var tar = new TarReader(unzipped);
        while (tar.GetNextEntry() is { } entry)
        {
            var name = Path.GetFileName(entry.Name);
            if (format.Files.Contains(name))
                entry.ExtractToFile(Path.Combine(folder, name), overwrite: true);
        }
        foreach (var missing in format.Files.Where(name => !File.Exists(Path.Combine(folder, name))))
            throw new UserError($"--download: the archive lacks '{missing}'.");
    }
}
