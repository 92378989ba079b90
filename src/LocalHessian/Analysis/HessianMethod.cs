namespace LocalHessian;

/// <summary>How a Hessian is computed. The methods agree to round-off.</summary>
public enum HessianMethod
{
    /// <summary>A closed form where there is one, else differentiation.</summary>
    Automatic,

    /// <summary>A closed form: eqs. (8), (9), (41), (43), and batch norm after a layer (MATH §2).</summary>
    ClosedForm,

    /// <summary>Automatic differentiation, which any block has.</summary>
    Differentiation,
}
