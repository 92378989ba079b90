using System.Security.Cryptography;
using System.Text;

namespace VggCifar.Training;

/// <summary>
/// What settings.json holds: the settings, and the command and options that gave them, each option with its values.
/// </summary>
internal sealed record SavedSettings(string Command, IReadOnlyList<IReadOnlyList<string>> Options, Settings Settings)
{
    /// <summary>SHA-256 of the rest, so that a run never goes on with settings it was not started with.</summary>
    public string Checksum { get; init; } = "";

    /// <summary>The same with its checksum.</summary>
    public SavedSettings Sealed() => this with { Checksum = Sum() };

    /// <summary>Whether the checksum fits.</summary>
    public bool IsIntact() => Checksum == Sum();

    private string Sum() => Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(Json.Write(this with { Checksum = "" }))));
}
