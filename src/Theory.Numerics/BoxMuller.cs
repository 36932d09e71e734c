using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Theory.Numerics;

/// <summary>
/// Two uniforms on the odd multiples of 2⁻⁵³ in (0, 1): the top 52 bits of each word (<see cref="WordStream.Open"/>).
/// </summary>
internal readonly struct UniformPair : IPairLaw
{
    /// <inheritdoc/>
    public static (double First, double Second) Pair(ulong high, ulong low) => (WordStream.Open(high), WordStream.Open(low));

    /// <inheritdoc/>
    public static void Eight(Vector512<ulong> high, Vector512<ulong> low, Span<double> first, Span<double> second)
    {
        Open(high).CopyTo(first);
        Open(low).CopyTo(second);
    }

    /// <summary><see cref="WordStream.Open"/>: the top 52 bits become a mantissa in [1, 2), and both steps are exact.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static Vector512<double> Open(Vector512<ulong> words) =>
        ((words >> 12) | Vector512.Create(0x3FF0000000000000UL)).AsDouble() - Vector512.Create(1.0 - 1.0 / (1UL << 53));
}

/// <summary>
/// Two standard normals by Box and Muller: 52 bits of radius √(−2 ln u), 52 bits of angle inside a quadrant, two bits of
/// quadrant. Both forms do the same IEEE operations in the same order.
/// </summary>
internal readonly struct BoxMuller : IPairLaw
{
    private const double QuarterTurn = Math.PI / 2;

    /// <inheritdoc/>
    public static (double First, double Second) Pair(ulong radial, ulong angular)
    {
        double radius = Math.Sqrt(-2.0 * PortableMath.Log(WordStream.Open(radial)));
        double angle = (WordStream.Open(angular) - 0.5) * QuarterTurn;
        double sine = radius * PortableMath.SinSmall(angle);
        double cosine = radius * PortableMath.CosSmall(angle);
        return (angular & 3) switch
        {
            0 => (cosine, sine),
            1 => (-sine, cosine),
            2 => (-cosine, -sine),
            _ => (sine, -cosine),
        };
    }

    /// <inheritdoc/>
    public static void Eight(Vector512<ulong> radial, Vector512<ulong> angular, Span<double> first, Span<double> second)
    {
        Vector512<double> radius = Vector512.Sqrt(Vector512.Create(-2.0) * Log(UniformPair.Open(radial)));
        Vector512<double> angle = (UniformPair.Open(angular) - Vector512.Create(0.5)) * Vector512.Create(QuarterTurn);
        Vector512<double> square = angle * angle;
        Vector512<double> sine = radius * Sine(angle, square);
        Vector512<double> cosine = radius * Cosine(square);

        // Bit 0 swaps the two; the first is negative in quadrants 1 and 2, the second in 2 and 3.
        Vector512<double> swap = Vector512.Equals(angular & Vector512<ulong>.One, Vector512<ulong>.One).AsDouble();
        Vector512<ulong> sign = Vector512.Create(1UL << 63);
        Vector512<ulong> firstSign = ((angular ^ (angular >> 1)) << 63) & sign;
        Vector512<ulong> secondSign = (angular << 62) & sign;
        (Vector512.ConditionalSelect(swap, sine, cosine).AsUInt64() ^ firstSign).AsDouble().CopyTo(first);
        (Vector512.ConditionalSelect(swap, cosine, sine).AsUInt64() ^ secondSign).AsDouble().CopyTo(second);
    }

    /// <summary><see cref="PortableMath.Log"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<double> Log(Vector512<double> x)
    {
        Vector512<long> offset = Vector512.Create(PortableMath.HalfRootTwoBits);
        Vector512<long> bits = x.AsInt64() - offset;
        Vector512<double> k = Vector512.ConvertToDouble(bits >> 52);
        Vector512<double> f = ((bits & Vector512.Create(0x000FFFFFFFFFFFFFL)) + offset).AsDouble() - Vector512<double>.One;
        Vector512<double> s = f / (Vector512.Create(2.0) + f);
        Vector512<double> z = s * s;
        Vector512<double> r = Vector512.Create(PortableMath.L7);
        r = Vector512.FusedMultiplyAdd(z, r, Vector512.Create(PortableMath.L6));
        r = Vector512.FusedMultiplyAdd(z, r, Vector512.Create(PortableMath.L5));
        r = Vector512.FusedMultiplyAdd(z, r, Vector512.Create(PortableMath.L4));
        r = Vector512.FusedMultiplyAdd(z, r, Vector512.Create(PortableMath.L3));
        r = Vector512.FusedMultiplyAdd(z, r, Vector512.Create(PortableMath.L2));
        r = z * Vector512.FusedMultiplyAdd(z, r, Vector512.Create(PortableMath.L1));
        Vector512<double> h = Vector512.Create(0.5) * f * f;
        Vector512<double> low = Vector512.FusedMultiplyAdd(s, h + r, k * Vector512.Create(PortableMath.Ln2Low));
        return Vector512.FusedMultiplyAdd(k, Vector512.Create(PortableMath.Ln2High), f - (h - low));
    }

    /// <summary><see cref="PortableMath.SinSmall"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<double> Sine(Vector512<double> x, Vector512<double> z)
    {
        Vector512<double> p = Vector512.Create(PortableMath.S6);
        p = Vector512.FusedMultiplyAdd(z, p, Vector512.Create(PortableMath.S5));
        p = Vector512.FusedMultiplyAdd(z, p, Vector512.Create(PortableMath.S4));
        p = Vector512.FusedMultiplyAdd(z, p, Vector512.Create(PortableMath.S3));
        p = Vector512.FusedMultiplyAdd(z, p, Vector512.Create(PortableMath.S2));
        p = Vector512.FusedMultiplyAdd(z, p, Vector512.Create(PortableMath.S1));
        return Vector512.FusedMultiplyAdd(x * z, p, x);
    }

    /// <summary><see cref="PortableMath.CosSmall"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<double> Cosine(Vector512<double> z)
    {
        Vector512<double> p = Vector512.Create(PortableMath.C6);
        p = Vector512.FusedMultiplyAdd(z, p, Vector512.Create(PortableMath.C5));
        p = Vector512.FusedMultiplyAdd(z, p, Vector512.Create(PortableMath.C4));
        p = Vector512.FusedMultiplyAdd(z, p, Vector512.Create(PortableMath.C3));
        p = Vector512.FusedMultiplyAdd(z, p, Vector512.Create(PortableMath.C2));
        p = Vector512.FusedMultiplyAdd(z, p, Vector512.Create(PortableMath.C1));
        return Vector512<double>.One - Vector512.FusedMultiplyAdd(z, Vector512.Create(0.5), -(z * z * p));
    }
}
