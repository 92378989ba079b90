using static TorchSharp.torch;

namespace VggCifar.Data;

/// <summary>Training and test images of one data set.</summary>
/// <param name="Name">What the data set is called in tables and files.</param>
/// <param name="Classes">How many classes the labels name; labels run from 0.</param>
internal sealed record DataSet(string Name, int Classes, ImageSet Train, ImageSet Test) : IDisposable
{
    public DataSet To(Device device) => this with { Train = Train.To(device), Test = Test.To(device) };

    public void Dispose()
    {
        Train.Dispose();
        Test.Dispose();
    }
}
