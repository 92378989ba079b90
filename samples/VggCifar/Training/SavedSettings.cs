using System.Security.Cryptography;
using System.Text;

namespace VggCifar.Training;

/// <summary>What settings.json holds: the settings and the command line that gave them.</summary>
internal sealed record SavedSettings(IReadOnlyList<string> Arguments, Settings Settings)
{
    /// <summary>SHA-256 of the rest, so that a run never goes on with settings it was not started with; empty in runs older than it.</summary>
    public string Checksum { get; init; } = "";

    /// <summary>The same with its checksum.</summary>
    public SavedSettings Sealed() => this with { Checksum = Sum() };

    /// <summary>Whether the checksum fits.</summary>
    public bool IsIntact() => Checksum is "" || Checksum == Sum();

    private string Sum() => Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(Json.Write(this with { Checksum = "" }))));
}
