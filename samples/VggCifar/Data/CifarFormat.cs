namespace VggCifar.Data;

/// <summary>
/// The official binary layout of CIFAR-10 or CIFAR-100 (Krizhevsky 2009): records of <see cref="LabelBytes"/> label bytes
/// (CIFAR-100: coarse, then fine), then 3072 bytes, the red, green and blue plane, each row by row.
/// </summary>
internal sealed record CifarFormat(
    string Name,
    int Classes,
    int LabelBytes,
    string Folder,
    IReadOnlyList<string> TrainFiles,
    string TestFile,
    Uri Archive,
    string ArchiveMd5)
{
    public static readonly CifarFormat Cifar10 = new(
        "CIFAR-10", 10, 1, "cifar-10-batches-bin",
        [.. Enumerable.Range(1, 5).Select(i => $"data_batch_{i}.bin")], "test_batch.bin",
        new Uri("https://www.cs.toronto.edu/~kriz/cifar-10-binary.tar.gz"), "c32a1d4ab5d03f1284b67883e8d87530");

    public static readonly CifarFormat Cifar100 = new(
        "CIFAR-100", 100, 2, "cifar-100-binary",
        ["train.bin"], "test.bin",
        new Uri("https://www.cs.toronto.edu/~kriz/cifar-100-binary.tar.gz"), "03b5dce01913d631647c71ecec9e9cb8");

    public int RecordBytes => LabelBytes + ImageSet.Bytes;
    public IEnumerable<string> Files => [.. TrainFiles, TestFile];

    /// <summary>The data set this one is easily mistaken for.</summary>
    public CifarFormat Other => LabelBytes == 1 ? Cifar100 : Cifar10;
}
