using VggCifar.Data;
using static TorchSharp.torch;

namespace VggCifar.Tests.Data;

public class SyntheticImagesTests
{
    [Theory]
    [InlineData(10)]
    [InlineData(100)]
    public void The_same_seed_gives_the_same_images_and_no_training_image_is_a_test_image(int classes)
    {
        using var scope = NewDisposeScope();
        using DataSet data = SyntheticImages.Create(classes, 200, 200), again = SyntheticImages.Create(classes, 200, 200),
            other = SyntheticImages.Create(classes, 200, 200, seed: 2);

        again.Train.Images.Equals(data.Train.Images).Should().BeTrue();
        again.Test.Images.Equals(data.Test.Images).Should().BeTrue();
        other.Train.Images.Equals(data.Train.Images).Should().BeFalse();
        Rows(data.Train).Concat(Rows(data.Test)).Distinct().Should().HaveCount(400);
    }

    [Fact]
    public void Shapes_types_and_labels_are_those_of_CIFAR()
    {
        using var data = SyntheticImages.Create(100, 300, 100);

        data.Classes.Should().Be(100);
        data.Train.Images.shape.Should().Equal(300, 3, 32, 32);
        data.Train.Images.dtype.Should().Be(ScalarType.Byte);
        data.Train.Labels.dtype.Should().Be(ScalarType.Int64);
        data.Train.Labels.data<long>().GroupBy(label => label).Should().HaveCount(100).And.OnlyContain(g => g.Count() == 3);
    }

    [Fact]
    public void Fewer_images_are_the_first_of_more()
    {
        using var scope = NewDisposeScope();
        using DataSet few = SyntheticImages.Create(10, 20, 10), many = SyntheticImages.Create(10, 50, 10);

        few.Train.Images.Equals(many.Train.Images.slice(0, 0, 20, 1)).Should().BeTrue();
    }

    private static IEnumerable<string> Rows(ImageSet images) =>
        images.Images.data<byte>().ToArray().Chunk(ImageSet.Bytes).Select(Convert.ToHexString);
}
