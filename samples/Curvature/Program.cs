using System.CommandLine;
using System.Globalization;
using CurvatureStudy;
using Samples;
using VggCifar.Commands;

CultureInfo.CurrentCulture = CultureInfo.DefaultThreadCurrentCulture = CultureInfo.InvariantCulture;

var output = new Option<DirectoryInfo>("--out")
{
    Description = "Folder for pictures, tables and the page.",
    DefaultValueFactory = _ => new DirectoryInfo("runs/curvature")
};
var data = new Option<string?>("--data-root")
{
    Description = "Folder with CIFAR-10 or CIFAR-100 in the official binary "
    + "files; without it the built-in images serve."
};
var steps = new Option<int>("--steps") { Description = "Training steps of each optimizer.", DefaultValueFactory = _ => 300 };
var images = new Option<int>("--images")
{
    Description = "Images that train, and over which the curvature is taken.",
    DefaultValueFactory = _ => 300
};
var seed = new Option<int>("--seed") { Description = "Seed of everything random.", DefaultValueFactory = _ => 1 };
var device = new Option<string>("--device") { Description = Devices.Help, DefaultValueFactory = _ => "auto" };
var command = new RootCommand("How the curvature of a small network's loss changes while SGD and scale-amended SGD train it, "
    + "in pictures.") { output, data, steps, images, seed, device };
return SmallProgram.Run(command, args, parsed =>
{
    var settings = new StudySettings(parsed.GetValue(steps), parsed.GetValue(images), parsed.GetValue(seed))
    {
        Device = TorchSharp.torch.device(Devices.Choose(parsed.GetValue(device)!)),
    };
    new Study(parsed.GetValue(output)!, parsed.GetValue(data), settings, Console.Out).Run();
});
