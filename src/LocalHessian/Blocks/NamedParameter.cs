namespace LocalHessian.Blocks;

/// <summary>A parameter and its dotted name in its network.</summary>
/// <param name="Name">E.g. <c>features.0.bias</c>.</param>
/// <param name="Parameter">The parameter.</param>
public sealed record NamedParameter(string Name, Parameter Parameter);
