namespace LocalHessian.Blocks;

/// <summary>The kind of weight layer a block begins with.</summary>
public enum BlockKind
{
    /// <summary>A fully connected layer; its weight is n × m.</summary>
    Linear,

    /// <summary>A convolution in one to three dimensions; its weight is n × m/g × k….</summary>
    Convolution,

    /// <summary>A transposed convolution; its weight is m × n/g × k….</summary>
    TransposedConvolution,
}
