using System.Security.Cryptography;

namespace VggCifar.Data;

/// <summary>
/// What tells one data set from another, wherever its files lie: the counts, and the SHA-256 of all labels and pixels.
/// </summary>
internal sealed record DataFingerprint(int TrainImages, int TestImages, string Sha256)
{
    /// <summary>Of images on the CPU.</summary>
    public static DataFingerprint Of(DataSet data)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var set in new[] { data.Train, data.Test })
        {
            hash.AppendData(set.Labels.bytes);
            hash.AppendData(set.Images.bytes);
        }
        return new DataFingerprint(data.Train.Count, data.Test.Count, Convert.ToHexString(hash.GetHashAndReset()));
    }

    /// <summary>In words what the data of a run that is to go on were, and what they are now.</summary>
    public string Unlike(DataFingerprint then) => (TrainImages, TestImages) == (then.TrainImages, then.TestImages)
        ? $"as many images, {TrainImages} and {TestImages}, but other pixels or labels"
        : $"{then.TrainImages} training and {then.TestImages} test images then, {TrainImages} and {TestImages} now";
}
