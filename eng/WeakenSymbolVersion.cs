using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text;
using Microsoft.Build.Framework;
using Microsoft.Build.Utilities;

/// <summary>
/// Lets TorchSharp's native shim load where the system's libstdc++ is older than GCC 13's.
/// The shim asks for symbol version GLIBCXX_3.4.32, though no relocation uses it: marking that one entry of the ELF
/// version-needs table (SHT_GNU_verneed) as weak is enough. The file is replaced by a new one, never written in place,
/// because it may be a hard link into the package cache; its time stamp stays, so that incremental builds leave it alone.
/// </summary>
public sealed class WeakenSymbolVersion : Task
{
    private const string VersionName = "GLIBCXX_3.4.32";
    private const ushort Weak = 0x2;                // VER_FLG_WEAK
    private const uint VersionNeedsSection = 0x6ffffffe; // SHT_GNU_verneed

    /// <summary>Copies of libLibTorchSharp.so in the output folder.</summary>
    [Required]
    public ITaskItem[] Files { get; set; }

    /// <summary>Mend the files even if this machine's libstdc++ is new enough (when building for another machine).</summary>
    public bool Force { get; set; }

    public override bool Execute()
    {
        if (!Force && !SystemLacksVersion()) return true;
        foreach (var file in Files.Select(f => f.ItemSpec).Where(File.Exists)) Mend(file);
        return !Log.HasLoggedErrors;
    }

    private void Mend(string path)
    {
        var image = File.ReadAllBytes(path);
        var flags = FlagOffsets(image);
        if (flags.All(o => (BitConverter.ToUInt16(image, o) & Weak) != 0)) return;
        foreach (var o in flags) image[o] |= (byte)Weak;

        var stamp = File.GetLastWriteTimeUtc(path);
        var fresh = path + "." + Guid.NewGuid().ToString("N");
        File.WriteAllBytes(fresh, image);
        File.SetLastWriteTimeUtc(fresh, stamp);
        File.Delete(path);
        File.Move(fresh, path);
        Log.LogMessage(MessageImportance.Normal, "{0}: symbol version {1} is now weak.", path, VersionName);
    }

    /// <summary>File offsets of vna_flags for every entry that needs the version. Empty if the file is not 64-bit little-endian ELF.</summary>
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

    private static string Text(byte[] image, int at) => Encoding.ASCII.GetString(image, at, Array.IndexOf(image, (byte)0, at) - at);

    private bool SystemLacksVersion()
    {
        var folders = new[] { "/usr/lib/x86_64-linux-gnu", "/lib/x86_64-linux-gnu", "/usr/lib/aarch64-linux-gnu", "/usr/lib64", "/lib64", "/usr/lib" };
        var library = folders.Select(f => Path.Combine(f, "libstdc++.so.6")).FirstOrDefault(File.Exists);
        if (library != null) return Encoding.ASCII.GetString(File.ReadAllBytes(library)).IndexOf(VersionName, StringComparison.Ordinal) < 0;
        Log.LogMessage(MessageImportance.Normal, "No libstdc++.so.6 found; TorchSharp's native library is left as it is.");
        return false;
    }
}
