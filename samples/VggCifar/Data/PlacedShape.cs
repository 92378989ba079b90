namespace VggCifar.Data;

/// <summary>A shape at a place, with a size in pixels and turned by an angle.</summary>
internal readonly struct PlacedShape(ClassPatterns.Shape shape, double centreX, double centreY, double size, double turn)
{
    private readonly double _cos = Math.Cos(turn), _sin = Math.Sin(turn);

    /// <summary>1 inside, 0 outside, in between over one pixel at the outline.</summary>
    public double Coverage(int x, int y)
    {
        var (dx, dy) = (x - centreX, y - centreY);
        var (u, v) = (dx * _cos + dy * _sin, dy * _cos - dx * _sin);
        var distance = Math.Sqrt(u * u + v * v);
        if (distance > size * (1 + shape.Depth) + 1)
            return 0;
        var outline = size * (1 + shape.Depth * Math.Cos(shape.Lobes * Math.Atan2(v, u)));
        return Math.Clamp(outline - distance + 0.5, 0, 1);
    }
}
