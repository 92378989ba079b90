using System.Runtime.InteropServices;
using System.Text;

namespace LocalHessian.Internal;

/// <summary>What the runtime does not tell of a path.</summary>
internal static class FileKind
{
    private const int CurrentFolder = -100, FollowLinks = 0, BufferBytes = 256, ModeOffset = 28;
    private const uint WantType = 1;
    private const int TypeMask = 0xF000, Regular = 0x8000, Folder = 0x4000;

    /// <summary>Whether there is a device, a pipe or a socket; always false where the system is not Linux.</summary>
    public static bool IsSpecial(string path)
    {
        if (!OperatingSystem.IsLinux()) return false;
        // The layout of statx is the same on every architecture, stat's is not.
        var buffer = new byte[BufferBytes];
        // not there, or whoever opens it will say why not
        if (Statx(CurrentFolder, Encoding.UTF8.GetBytes(path + '\0'), FollowLinks, WantType, buffer) != 0) return false;
        var type = MemoryMarshal.Read<ushort>(buffer.AsSpan(ModeOffset)) & TypeMask;
        return type is not (Regular or Folder);
    }

    [DllImport("libc", EntryPoint = "statx"), DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Statx(int folder, byte[] path, int flags, uint mask, [Out] byte[] buffer);
}
