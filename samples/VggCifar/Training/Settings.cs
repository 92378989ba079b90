using System.Security.Cryptography;
using System.Text;
using VggCifar.Data;

namespace VggCifar.Training;

/// <summary>Everything that decides a run's numbers; equal settings give equal numbers (on CPU bit for bit).</summary>
internal sealed record Settings
{
    public string Data { get; init; } = "builtin10";

    /// <summary>What the data are; null before they are read.</summary>
    public DataFingerprint? Fingerprint { get; init; }

    public int TrainImages { get; init; }
    public int TestImages { get; init; }
    public string Network { get; init; } = "vgg11";
    public double Width { get; init; } = 1;
    public double InitScale { get; init; } = 1;
    public int Epochs { get; init; }
    public int BatchSize { get; init; } = 128;
    public string Augment { get; init; } = "none";

    /// <summary>The share of the training labels that are drawn anew.</summary>
    public double LabelNoise { get; init; }

    public string Device { get; init; } = "cpu";
    public string MemoryFormat { get; init; } = MemoryLayout.Auto;
    public string Dtype { get; init; } = "float32";
    public int Threads { get; init; }

    /// <summary>Batch norm over the whole batch on any number of ranks, instead of over each rank's rows.</summary>
    public bool SyncBatchNorm { get; init; }

    public double Momentum { get; init; } = 0.9;
    public double LarsTrust { get; init; } = 0.001;
    public int Patience { get; init; } = 10;
    public double Factor { get; init; } = 0.5;
    public IReadOnlyList<long> Seeds { get; init; } = [1];
    public IReadOnlyList<OptimizerSpec> Grid { get; init; } = [];

    /// <summary>SHA-256 of them all, which every checkpoint carries.</summary>
    public string Hash() => Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(Json.Write(this))));
}
