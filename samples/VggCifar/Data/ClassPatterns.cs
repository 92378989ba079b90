namespace VggCifar.Data;

/// <summary>The textures and shapes that the classes of the built-in data set are made of.</summary>
internal sealed class ClassPatterns(int classes)
{
    /// <summary>Two crossed gratings: the direction of the first in radians and its frequency in radians a pixel.</summary>
    public readonly record struct Texture(double Angle, double Frequency);

    /// <summary>An outline around a centre: radius 1 + <paramref name="Depth"/>·cos(<paramref name="Lobes"/>·angle).</summary>
    public readonly record struct Shape(int Lobes, double Depth);

    private const int Angles = 5, LowestLobes = 2;
    private const double Lowest = 0.55, Step = 1.35, LobeDepth = 0.45;
    private readonly int _textures = classes < 100 ? 10 : 25;

    public int Classes { get; } = classes;

    /// <summary>Directions stay within a right angle, where a mirror image does not turn one into another.</summary>
    public Texture TextureOf(int label)
    {
        var texture = label % _textures;
        return new Texture(texture % Angles * (Math.PI / 2) / (Angles - 1), Lowest * Math.Pow(Step, texture / Angles));
    }

    /// <summary>Of 10 classes, those with neighbouring textures differ in shape; of 100, four share each texture.</summary>
    public Shape ShapeOf(int label) => new(LowestLobes + (Classes < 100 ? label % 3 : label / _textures), LobeDepth);
}
