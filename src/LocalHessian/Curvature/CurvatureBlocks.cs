namespace LocalHessian;

/// <summary>Which blocks of a curvature matrix are kept; what is outside them is zero.</summary>
public enum CurvatureBlocks
{
    /// <summary>The whole matrix.</summary>
    Whole,

    /// <summary>A block for the parameters of each layer, which are those whose names agree up to the last dot.</summary>
    Layers,

    /// <summary>A block for each parameter.</summary>
    Parameters,
}
