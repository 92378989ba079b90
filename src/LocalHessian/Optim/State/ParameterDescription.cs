namespace LocalHessian.Optim;

/// <summary>What a state file says of one parameter.</summary>
/// <param name="Name">Its dotted name; null where the optimizer does not know it.</param>
/// <param name="Shape">Its shape as text.</param>
/// <param name="Dtype">Its dtype, and that of its saved momentum.</param>
/// <param name="HasMomentum">Whether its momentum is in the file.</param>
internal sealed record ParameterDescription(string? Name, string Shape, ScalarType Dtype, bool HasMomentum)
{
    private const string BeforeShape = "of shape ", BeforeDtype = " in ";

    /// <summary>As in the file and in messages.</summary>
    public string Text => $"{(Name is null ? "" : $"'{Name}' ")}{BeforeShape}{Shape}{BeforeDtype}{Dtype}";

    public static ParameterDescription Parse(string text, bool hasMomentum)
    {
        var shape = text.LastIndexOf(BeforeShape, StringComparison.Ordinal);
        var dtype = text.LastIndexOf(BeforeDtype, StringComparison.Ordinal);
        if (shape < 0 || dtype < shape + BeforeShape.Length
            || (shape > 0 && (shape < 3 || text[0] != '\'' || text[shape - 2] != '\''))
            || !Enum.TryParse<ScalarType>(text[(dtype + BeforeDtype.Length)..], out var parsed) || !is_floating_point(parsed))
            throw StateFile.Damaged($"'{text}' does not describe a parameter");
        return new(shape == 0 ? null : text[1..(shape - 2)], text[(shape + BeforeShape.Length)..dtype], parsed, hasMomentum);
    }

    /// <summary>
    /// Whether state saved for this parameter is of the other one; precisions may differ, and names where one is not known.
    /// </summary>
    public bool Fits(ParameterDescription own) => Shape == own.Shape && (Name is null || own.Name is null || Name == own.Name);
}
