namespace LocalHessian;

/// <summary>How a Hessian is computed. The roads agree to round-off.</summary>
public enum HessianRoad
{
    /// <summary>A closed form where there is one, else differentiation.</summary>
    Automatic,

    /// <summary>A closed form: eqs. (8), (9), (41), (43), and batch norm after a layer (MATH §2).</summary>
    ClosedForm,

    /// <summary>Automatic differentiation, which any block has.</summary>
    Differentiation,
}
