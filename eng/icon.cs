#:package SkiaSharp
#:package SkiaSharp.NativeAssets.Linux.NoDependencies
// Draws the packages' icon: dotnet run eng/icon.cs
using SkiaSharp;

// The level sets of a loss near its minimum: ellipses, whose axes are the eigenvectors of the Hessian.
const int size = 128;
using var bitmap = new SKBitmap(size, size);
using var canvas = new SKCanvas(bitmap);
canvas.Clear(SKColors.Transparent);
using var back = new SKPaint { Color = new SKColor(0x14, 0x2c, 0x4c), IsAntialias = true };
canvas.DrawRoundRect(0, 0, size, size, 24, 24, back);
canvas.Translate(size / 2f, size / 2f);
canvas.RotateDegrees(-32);

// From the outermost in; colours that stay apart in grey.
(float Half, SKColor Colour)[] levels =
[
    (54, new SKColor(0x2f, 0x5d, 0x8c)), (40, new SKColor(0x4f, 0x93, 0xb8)), (26, new SKColor(0x8f, 0xcb, 0xd6)),
    (12, new SKColor(0xff, 0xc8, 0x57)),
];
foreach (var (half, colour) in levels)
{
    using var fill = new SKPaint { Color = colour, IsAntialias = true };
    canvas.DrawOval(0, 0, half, half * 0.52f, fill);
}

// Its two axes, the long one along the flat direction.
using var axis = new SKPaint { Color = SKColors.White, IsAntialias = true, StrokeWidth = 3, StrokeCap = SKStrokeCap.Round };
canvas.DrawLine(-54, 0, 54, 0, axis);
canvas.DrawLine(0, -28, 0, 28, axis);

using var image = SKImage.FromBitmap(bitmap);
using var png = image.Encode(SKEncodedImageFormat.Png, 100);
File.WriteAllBytes(Path.Combine("eng", "icon.png"), png.ToArray());
