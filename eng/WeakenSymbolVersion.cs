using System;
using System.Collections.Generic;
using System.IO;
using System.Text;
using Microsoft.Build.Framework;
using Microsoft.Build.Utilities;

/// <summary>
/// Writes a copy of TorchSharp's native shim that loads where the system's libstdc++ is older than GCC 13's.
/// The shim asks for symbol version GLIBCXX_3.4.32, though no relocation uses it: marking that one entry of the ELF
/// version-needs table (SHT_GNU_verneed) as weak is enough.
/// </summary>
public sealed class WeakenSymbolVersion : Task
{
    private const string VersionName = "GLIBCXX_3.4.32";
    private const byte Weak = 0x2;                       // VER_FLG_WEAK
    private const uint VersionNeedsSection = 0x6ffffffe; // SHT_GNU_verneed

    /// <summary>The package's libLibTorchSharp.so; only read.</summary>
    [Required]
    public string Source { get; set; }

    /// <summary>Where the mended copy goes.</summary>
    [Required]
    public string Destination { get; set; }

    public override bool Execute()
    {
        var image = File.ReadAllBytes(Source);
        foreach (var offset in FlagOffsets(image)) image[offset] |= Weak;

        // Written whole under another name first: an interrupted build leaves no half a library behind. Newer than the
        // source, so that an unmended copy from an earlier build, of the same size, counts as stale and is replaced.
        Directory.CreateDirectory(Path.GetDirectoryName(Destination));
        var unfinished = Destination + "." + Guid.NewGuid().ToString("N");
        File.WriteAllBytes(unfinished, image);
        File.SetLastWriteTimeUtc(unfinished, File.GetLastWriteTimeUtc(Source).AddSeconds(2));
        File.Delete(Destination);
        File.Move(unfinished, Destination);
        Log.LogMessage(MessageImportance.Normal, "{0}: symbol version {1} is weak here.", Destination, VersionName);
        return true;
    }

    /// <summary>
    /// File offsets of vna_flags for every entry that needs the version. Empty if the file is not 64-bit little-endian ELF.
    /// </summary>
    private static List<int> FlagOffsets(byte[] image)
    {
        var found = new List<int>();
        if (image.Length < 64 || image[0] != 0x7f || image[1] != 'E' || image[4] != 2 || image[5] != 1) return found;
        var sections = (int)BitConverter.ToInt64(image, 0x28);
        int size = BitConverter.ToUInt16(image, 0x3a), count = BitConverter.ToUInt16(image, 0x3c);
        for (var i = 0; i < count; i++)
        {
            var header = sections + i * size;
            if (BitConverter.ToUInt32(image, header + 4) != VersionNeedsSection) continue;
            var strings = SectionOffset(image, sections + (int)BitConverter.ToUInt32(image, header + 40) * size);
            for (int need = SectionOffset(image, header), step = -1; step != 0; need += step)
            {
                var entry = need + (int)BitConverter.ToUInt32(image, need + 8);
                for (var left = BitConverter.ToUInt16(image, need + 2); left > 0; left--)
                {
                    if (Text(image, strings + (int)BitConverter.ToUInt32(image, entry + 8)) == VersionName) found.Add(entry + 4);
                    entry += (int)BitConverter.ToUInt32(image, entry + 12);
                }

                step = (int)BitConverter.ToUInt32(image, need + 12);
            }
        }

        return found;
    }

    private static int SectionOffset(byte[] image, int header) => (int)BitConverter.ToInt64(image, header + 0x18);

    private static string Text(byte[] image, int at) =>
        Encoding.ASCII.GetString(image, at, Array.IndexOf(image, (byte)0, at) - at);
}
