namespace LocalHessian.Tests.Cases;

/// <summary>A folder, with a space and a letter outside ASCII in its name, that is gone after the test.</summary>
public sealed class TemporaryFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("Local Hessian ü ").FullName;

    public string File(string name) => System.IO.Path.Combine(Path, name);

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
