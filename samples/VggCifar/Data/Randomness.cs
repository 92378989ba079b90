namespace VggCifar.Data;

/// <summary>
/// A small generator (SplitMix64, Steele, Lea and Flood 2014) whose streams are named by numbers, so that image 17 of seed 3
/// is the same on every machine and with any number of threads.
/// </summary>
internal struct Randomness
{
    private ulong _state;

    public Randomness(params ReadOnlySpan<long> name)
    {
        foreach (var part in name)
            _state = Mix(_state ^ (ulong)part) + 0x9E3779B97F4A7C15UL;
    }

    /// <summary>A seed for another generator, named as a stream is.</summary>
    public static long Seed(params ReadOnlySpan<long> name) => (long)(new Randomness(name).Next() >> 1);

    public ulong Next() => Mix(_state += 0x9E3779B97F4A7C15UL);

    public double Uniform(double low = 0, double high = 1) => low + (high - low) * ((Next() >> 11) * (1.0 / (1UL << 53)));

    public int Below(int count) => (int)(Uniform() * count);

    /// <summary>
    /// Roughly normal, mean 0 and variance 1: the sum of four 16-bit numbers, which is cheap and enough for noise.
    /// </summary>
    public double Noise()
    {
        var bits = Next();
        var sum = (bits & 0xFFFF) + ((bits >> 16) & 0xFFFF) + ((bits >> 32) & 0xFFFF) + (bits >> 48);
        return (sum / 65535.0 - 2) * 1.7320508075688772;
    }

    private static ulong Mix(ulong z)
    {
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9UL;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EBUL;
        return z ^ (z >> 31);
    }
}
