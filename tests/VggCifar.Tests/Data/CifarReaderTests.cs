using VggCifar.Data;
using static TorchSharp.torch;

namespace VggCifar.Tests.Data;

public class CifarReaderTests
{
    public static TheoryData<string> Formats => ["CIFAR-10", "CIFAR-100"];

    [Theory]
    [MemberData(nameof(Formats))]
    public void Each_byte_of_the_official_files_comes_to_its_place(string name)
    {
        using var folder = new TemporaryFolder();
        var format = Format(name);
        CifarFiles.Write(format, folder.File(format.Folder), imagesPerFile: 2);

        using var data = CifarReader.Read(format, folder.Path);

        data.Classes.Should().Be(format.Classes);
        data.Train.Images.shape.Should().Equal(2 * format.TrainFiles.Count, 3, 32, 32);
        data.Test.Images.shape.Should().Equal(2, 3, 32, 32);
        Check(format, data.Train, firstImage: 0);
        Check(format, data.Test, firstImage: data.Train.Count);
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public void A_limit_takes_the_first_images_over_the_ends_of_files(string name)
    {
        using var folder = new TemporaryFolder();
        var format = Format(name);
        CifarFiles.Write(format, folder.Path, imagesPerFile: 3);
        var wanted = format.TrainFiles.Count > 1 ? 4 : 2;

        using var data = CifarReader.Read(format, folder.Path, trainImages: wanted, testImages: 1);

        (data.Train.Count, data.Test.Count).Should().Be((wanted, 1));
        Check(format, data.Train, firstImage: 0);
        Check(format, data.Test, firstImage: 3 * format.TrainFiles.Count);
    }

    [Fact]
    public void More_records_than_one_read_takes_come_in_order()
    {
        using var folder = new TemporaryFolder();
        CifarFiles.Write(CifarFormat.Cifar100, folder.Path, imagesPerFile: 701);

        using var data = CifarReader.Read(CifarFormat.Cifar100, folder.Path);

        Check(CifarFormat.Cifar100, data.Test, firstImage: 701);
    }

    [Fact]
    public void The_files_may_lie_in_the_official_folder_or_one_of_the_data_sets_name()
    {
        foreach (var place in new[] { "", "cifar-10-batches-bin", "CIFAR10/cifar-10-batches-bin" })
        {
            using var folder = new TemporaryFolder();
            CifarFiles.Write(CifarFormat.Cifar10, folder.File(place), 1);
            CifarReader.Read(CifarFormat.Cifar10, folder.Path).Dispose();
        }
    }

    private static CifarFormat Format(string name) =>
        name == CifarFormat.Cifar10.Name ? CifarFormat.Cifar10 : CifarFormat.Cifar100;

    private static void Check(CifarFormat format, ImageSet images, int firstImage)
    {
        images.Images.dtype.Should().Be(ScalarType.Byte);
        var (bytes, labels) = (images.Images.data<byte>().ToArray(), images.Labels.data<long>().ToArray());
        var expected =
            from image in Enumerable.Range(firstImage, images.Count)
            from channel in Enumerable.Range(0, 3)
            from row in Enumerable.Range(0, 32)
            from column in Enumerable.Range(0, 32)
            select CifarFiles.Pixel(image, channel, row, column);
        bytes.AsSpan().SequenceEqual(expected.ToArray()).Should().BeTrue();
        labels.Should().Equal(Enumerable.Range(firstImage, images.Count).Select(i => (long)CifarFiles.Label(format, i)));
    }
}
