using System.Globalization;
using System.Text;
using VggCifar.Training;

namespace VggCifar.Reporting;

/// <summary>Every epoch of every run as comma-separated values; numbers with a point, whatever the machine's language.</summary>
internal static class EpochsCsv
{
    public const string FileName = "epochs.csv";

    public const string Header =
        "optimizer,learning_rate,weight_decay,schedule,seed,epoch,rate,train_loss,train_accuracy,test_loss,test_accuracy,"
        + "images_per_second,seconds";

    public static string Write(IEnumerable<RunResult> results)
    {
        var text = new StringBuilder(Header).Append('\n');
        foreach (var (name, epochs) in results)
            foreach (var e in epochs)
            {
                text.Append(string.Create(CultureInfo.InvariantCulture,
                    $"{name.Spec.Optimizer},{name.Spec.Rate},{name.Spec.WeightDecay},{name.Spec.Schedule},{name.Seed},{e.Epoch},"
                    + $"{e.Rate},{e.TrainLoss},{e.TrainAccuracy},{e.TestLoss},{e.TestAccuracy},{e.ImagesPerSecond:f1},"
                    + $"{e.Seconds:f3}\n"));
            }
        return text.ToString();
    }
}
