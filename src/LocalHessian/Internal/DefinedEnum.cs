namespace LocalHessian.Internal;

/// <summary>C# lets any number be cast to an enumeration.</summary>
internal static class DefinedEnum
{
    public static void ThrowUnlessDefined<T>(T value, string name) where T : struct, Enum
    {
        if (!Enum.IsDefined(value))
            throw new ArgumentOutOfRangeException(name, value, $"{value} is no value of {typeof(T).Name}.");
    }
}
