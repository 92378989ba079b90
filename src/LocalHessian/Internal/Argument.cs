using System.Runtime.CompilerServices;

namespace LocalHessian.Internal;

/// <summary>Arguments that are needed before a constructor's body could refuse them.</summary>
internal static class Argument
{
    /// <summary>The argument itself, unless it is null.</summary>
    public static T ThrowIfNull<T>(T? value, [CallerArgumentExpression(nameof(value))] string? name = null) where T : class
    {
        ArgumentNullException.ThrowIfNull(value, name);
        return value;
    }
}
