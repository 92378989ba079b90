namespace VggCifar.Data;

/// <summary>Paints one image of the built-in data set; every variation is drawn from the image's own random stream.</summary>
internal struct SyntheticPainter(ClassPatterns patterns, Randomness random)
{
    private const int Side = ImageSet.Side;
    private static readonly ClassPatterns.Shape Disc = new(1, 0);
    private Randomness _random = random;

    /// <summary>Writes the red, green and blue plane of an image of the class.</summary>
    public void Paint(int label, Span<byte> pixels)
    {
        var texture = Jitter(patterns.TextureOf(label));
        var (phase1, phase2) = (_random.Uniform(0, Math.Tau), _random.Uniform(0, Math.Tau));
        var figure = Place(patterns.ShapeOf(label), 7.0, 11.0);
        var distractor = Place(Disc, 2, 4.5);
        Span<double> dark = [Dark(), Dark(), Dark()], light = [Light(), Light(), Light()];
        Span<double> figureColour = [Colour(), Colour(), Colour()], distractorColour = [Colour(), Colour(), Colour()];
        var noise = _random.Uniform(12, 40);
        var cover = _random.Uniform(0.6, 0.95);

        for (var y = 0; y < Side; y++)
            for (var x = 0; x < Side; x++)
            {
                var wave = 0.65 * Wave(texture.Angle, texture.Frequency, phase1, x, y)
                    + 0.35 * Wave(texture.Angle + Math.PI / 2, 1.3 * texture.Frequency, phase2, x, y);
                var mix = 0.5 + 0.5 * wave;
                var inFigure = cover * figure.Coverage(x, y);
                var inDistractor = distractor.Coverage(x, y);
                for (var c = 0; c < ImageSet.Channels; c++)
                {
                    var value = dark[c] + (light[c] - dark[c]) * mix;
                    value += (figureColour[c] - value) * inFigure;
                    value += (distractorColour[c] - value) * inDistractor;
                    pixels[(c * Side + y) * Side + x] = (byte)Math.Clamp(value + noise * _random.Noise() + 0.5, 0, 255);
                }
            }
    }

    private ClassPatterns.Texture Jitter(ClassPatterns.Texture t) => t with
    {
        Angle = t.Angle + _random.Uniform(-0.2, 0.2),
        Frequency = t.Frequency * _random.Uniform(0.85, 1.15),
    };

    private double Dark() => _random.Uniform(20, 120);
    private double Light() => _random.Uniform(110, 230);
    private double Colour() => _random.Uniform(20, 235);

    private PlacedShape Place(ClassPatterns.Shape shape, double smallest, double largest) => new(
        shape, _random.Uniform(9, Side - 9), _random.Uniform(9, Side - 9),
        _random.Uniform(smallest, largest), _random.Uniform(0, Math.Tau));

    private static double Wave(double angle, double frequency, double phase, int x, int y) =>
        Math.Sin(frequency * (x * Math.Cos(angle) + y * Math.Sin(angle)) + phase);
}
