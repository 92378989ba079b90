namespace VggCifar.Data;

/// <summary>Paints one image of the built-in data set; every variation is drawn from the image's own random stream.</summary>
internal struct SyntheticPainter(ClassPatterns patterns, Randomness random)
{
    private const int Side = ImageSet.Side;
    private Randomness _random = random;

    /// <summary>Writes the red, green and blue plane of an image of the class.</summary>
    public void Paint(int label, Span<byte> pixels)
    {
        var texture = Jitter(patterns.TextureOf(label));
        var (phase1, phase2) = (_random.Uniform(0, Math.Tau), _random.Uniform(0, Math.Tau));
        var figure = Place(patterns.ShapeOf(label), 7.0, 11.0);
        var distractor = Place(patterns.Shapes[_random.Below(patterns.Shapes.Count)], 2.5, 4.5);
        Span<double> dark = [Colour(), Colour(), Colour()], light = [Colour(), Colour(), Colour()];
        Span<double> figureColour = [Colour(), Colour(), Colour()], distractorColour = [Colour(), Colour(), Colour()];
        var noise = _random.Uniform(15, 45);
        var cover = _random.Uniform(0.45, 0.8);

        for (var y = 0; y < Side; y++)
        for (var x = 0; x < Side; x++)
        {
            var wave = texture.Share * Wave(texture.Angle1, texture.Frequency1, phase1, x, y)
                + (1 - texture.Share) * Wave(texture.Angle2, texture.Frequency2, phase2, x, y);
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
        Angle1 = t.Angle1 + _random.Uniform(-0.12, 0.12),
        Angle2 = t.Angle2 + _random.Uniform(-0.12, 0.12),
        Frequency1 = t.Frequency1 * _random.Uniform(0.9, 1.1),
        Frequency2 = t.Frequency2 * _random.Uniform(0.9, 1.1),
    };

    private double Colour() => _random.Uniform(30, 225);

    private PlacedShape Place(ClassPatterns.Shape shape, double smallest, double largest) => new(
        shape, _random.Uniform(9, Side - 9), _random.Uniform(9, Side - 9),
        _random.Uniform(smallest, largest), _random.Uniform(0, Math.Tau));

    private static double Wave(double angle, double frequency, double phase, int x, int y) =>
        Math.Sin(frequency * (x * Math.Cos(angle) + y * Math.Sin(angle)) + phase);
}
