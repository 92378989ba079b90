using VggCifar.Data;
using VggCifar.Training;

namespace VggCifar.Commands;

/// <summary>Gets the data set a request names: generates, reads or first fetches it.</summary>
internal static class DataLoader
{
    public static DataSet Load(Request request, Action<string> say) =>
        LabelNoise.Add(AsItIs(request, say), request.Settings.LabelNoise);

    private static DataSet AsItIs(Request request, Action<string> say)
    {
        var settings = request.Settings;
        if (Sources.BuiltIn(settings.Data))
            return SyntheticImages.Create(Sources.Classes(settings.Data), settings.TrainImages, settings.TestImages);
        var format = Sources.Format(settings.Data);
        var root = request.DataRoot!;
        if (request.Download && !CifarFolder.IsComplete(format, root))
            CifarDownload.Fetch(format, root, request.Mirror ?? format.Archive, say);
        return CifarReader.Read(format, root, All(settings.TrainImages), All(settings.TestImages));
    }

    private static int? All(int images) => images == 0 ? null : images;
}
