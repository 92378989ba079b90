namespace VggCifar.Data;

/// <summary>The textures and shapes that the classes of the built-in data set are made of.</summary>
internal sealed class ClassPatterns
{
    /// <summary>Two gratings: their directions in radians, their frequencies in radians a pixel and how they mix.</summary>
    public readonly record struct Texture(double Angle1, double Frequency1, double Angle2, double Frequency2, double Share);

    /// <summary>An outline around a centre: radius 1 + <paramref name="Depth"/>·cos(<paramref name="Lobes"/>·angle), stretched.</summary>
    public readonly record struct Shape(int Lobes, double Depth, double Stretch);

    public ClassPatterns(int classes, long seed)
    {
        Classes = classes;
        var textures = classes >= 100 ? 10 : 5;
        Textures = [.. Enumerable.Range(0, textures).Select(i => MakeTexture(new Randomness(seed, 100, i), i, textures))];
        Shapes = [.. Enumerable.Range(0, classes / textures).Select(MakeShape)];
    }

    public int Classes { get; }
    public IReadOnlyList<Texture> Textures { get; }
    public IReadOnlyList<Shape> Shapes { get; }

    public Texture TextureOf(int label) => Textures[label % Textures.Count];
    public Shape ShapeOf(int label) => Shapes[label / Textures.Count];

    private static Texture MakeTexture(Randomness random, int i, int count)
    {
        var angle = Math.PI * i / count;
        return new Texture(
            angle, random.Uniform(0.5, 1.1),
            angle + random.Uniform(0.6, 2.4), random.Uniform(0.6, 1.5),
            random.Uniform(0.35, 0.65));
    }

    private static Shape MakeShape(int i) => new(2 + i % 5, 0.25 + 0.2 * (i / 5 % 2), i % 2 == 0 ? 1 : 1.25);
}
