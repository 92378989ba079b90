namespace LocalHessian;

/// <summary>A Hessian was asked for with respect to something that the block's output does not depend on.</summary>
public sealed class IndependentBlockException : InvalidOperationException
{
    internal IndependentBlockException(string block, string argument, string advice) : base(
        $"The output of block '{block}' does not depend on {argument}, so there is no Hessian with respect to it. {advice}")
    { }
}
