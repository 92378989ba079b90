namespace LocalHessian.Blocks;

/// <summary>A module that maps one tensor to one tensor, and its dotted name in its network.</summary>
internal readonly record struct NamedModule(string Name, nn.Module<Tensor, Tensor> Module);
