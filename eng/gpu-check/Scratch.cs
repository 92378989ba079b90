namespace GpuCheck;

/// <summary>A folder that is gone afterwards.</summary>
internal sealed class Scratch : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("gpu-check").FullName;

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
