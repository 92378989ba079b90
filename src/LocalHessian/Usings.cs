// What nearly every file needs, in one place. The folders' own namespaces are named file by file, where they show who uses whom.
global using LocalHessian.Internal;
global using TorchSharp;
global using TorchSharp.Modules;
global using static TorchSharp.torch;
