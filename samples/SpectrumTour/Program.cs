using System.CommandLine;
using System.Globalization;
using Samples;
using SpectrumTour;
using VggCifar.Commands;

CultureInfo.CurrentCulture = CultureInfo.DefaultThreadCurrentCulture = CultureInfo.InvariantCulture;

var output = new Option<DirectoryInfo>("--out")
{
    Description = "Folder for the pictures and the page.", DefaultValueFactory = _ => new DirectoryInfo("runs/spectrum-tour"),
};
var data = new Option<string?>("--data-root")
{
    Description =
        "Folder with CIFAR-10 or CIFAR-100 in the official binary files; without it the built-in images serve.",
};
var steps = new Option<int>("--steps") { Description = "Training steps of the VGG network.", DefaultValueFactory = _ => 300 };
var seed = new Option<int>("--seed") { Description = "Seed of everything random.", DefaultValueFactory = _ => 1 };
var device = new Option<string>("--device") { Description = Devices.Help, DefaultValueFactory = _ => "auto" };
var command = new RootCommand("The spectra of local Hessians, section 3 of Zhang, Chen and Liu (NeurIPS 2018), in pictures.")
{
    output, data, steps, seed, device,
};
return SmallProgram.Run(command, args, parsed =>
{
    var chosen = TorchSharp.torch.device(Devices.Choose(parsed.GetValue(device)!));
    new Tour(parsed.GetValue(output)!, parsed.GetValue(data), parsed.GetValue(steps), parsed.GetValue(seed), chosen,
        Console.Out).Run();
});
