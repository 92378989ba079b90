using VggCifar.Data;

namespace VggCifar.Tests.Data;

public class LabelNoiseTests
{
    [Fact]
    public void A_share_of_the_training_labels_is_drawn_anew_and_nothing_else_changes()
    {
        using DataSet clean = SyntheticImages.Create(10, 2000, 50),
            noisy = LabelNoise.Add(SyntheticImages.Create(10, 2000, 50), 0.5),
            again = LabelNoise.Add(SyntheticImages.Create(10, 2000, 50), 0.5);
        var changed = clean.Train.Labels.ne(noisy.Train.Labels).sum().item<long>();

        // 0.45 of them on average: a tenth of the draws hits the right one. Four standard deviations of the sum are 0.045.
        ((double)changed / 2000).Should().BeInRange(0.405, 0.495);
        noisy.Train.Labels.min().item<long>().Should().Be(0);
        noisy.Train.Labels.max().item<long>().Should().Be(9);
        noisy.Train.Labels.Equals(again.Train.Labels).Should().BeTrue();
        noisy.Train.Images.Equals(clean.Train.Images).Should().BeTrue();
        noisy.Test.Labels.Equals(clean.Test.Labels).Should().BeTrue();
        DataFingerprint.Of(noisy).Should().NotBe(DataFingerprint.Of(clean));
    }

    [Fact]
    public void No_noise_changes_nothing()
    {
        using DataSet clean = SyntheticImages.Create(10, 20, 20), same = LabelNoise.Add(SyntheticImages.Create(10, 20, 20), 0);
        same.Train.Labels.Equals(clean.Train.Labels).Should().BeTrue();
    }
}
