using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Theory.Numerics;

/// <summary>
/// Standard normals: Philox block b of a lane gives its coordinates 2b and 2b + 1. Eight blocks at a time in vectors, the
/// last few one by one; both do the same IEEE operations in the same order, so the bits do not depend on which was used.
/// </summary>
internal static class BoxMuller
{
    /// <summary>Blocks per vector pass.</summary>
    public const int Width = 8;

    private const double QuarterTurn = Math.PI / 2;

    /// <summary>Fills consecutive lanes of one worker, <paramref name="dimension"/> values each.</summary>
    public static void Fill(
        Span<double> destination, int dimension, uint firstLane, uint step, uint site, uint k0, uint k1, bool vectors = true)
    {
        int lanes = destination.Length / dimension;
        int whole = dimension / 2;
        int blocks = (dimension + 1) / 2;
        Span<double> first = stackalloc double[Width];
        Span<double> second = stackalloc double[Width];
        Span<int> at = stackalloc int[Width];
        Span<ulong> laneOf = stackalloc ulong[Width];
        Span<ulong> blockOf = stackalloc ulong[Width];
        int waiting = 0;
        for (int lane = 0; lane < lanes; lane++)
        {
            Span<double> own = destination.Slice(lane * dimension, dimension);
            uint number = unchecked(firstLane + (uint)lane);
            int block = 0;
            for (; vectors && block + Width <= whole; block += Width)
            {
                Vector512<ulong> run = Vector512.Create((ulong)block) + Vector512<ulong>.Indices;
                Eight(Vector512.Create((ulong)number), step, site, run, k0, k1, first, second);
                Interleave(own.Slice(2 * block, 2 * Width), first, second);
            }

            // What is left of a lane waits until eight blocks, of several lanes, are together.
            for (; block < blocks; block++)
            {
                laneOf[waiting] = number;
                blockOf[waiting] = (uint)block;
                at[waiting] = lane * dimension + 2 * block;
                if (++waiting == Width)
                {
                    Flush(waiting, vectors, laneOf, step, site, blockOf, k0, k1, first, second);
                    Scatter(destination, dimension, at[..waiting], first, second);
                    waiting = 0;
                }
            }
        }

        Flush(waiting, vectors, laneOf, step, site, blockOf, k0, k1, first, second);
        Scatter(destination, dimension, at[..waiting], first, second);
    }

    private static void Flush(
        int count, bool vectors, ReadOnlySpan<ulong> lane, uint step, uint site, ReadOnlySpan<ulong> block, uint k0, uint k1,
        Span<double> first, Span<double> second)
    {
        if (vectors && count == Width)
        {
            Eight(Vector512.Create(lane), step, site, Vector512.Create(block), k0, k1, first, second);
            return;
        }

        for (int i = 0; i < count; i++)
        {
            (first[i], second[i]) = Pair((uint)lane[i], step, site, (uint)block[i], k0, k1);
        }
    }

    private static void Interleave(Span<double> destination, ReadOnlySpan<double> first, ReadOnlySpan<double> second)
    {
        for (int i = 0; i < Width; i++)
        {
            destination[2 * i] = first[i];
            destination[2 * i + 1] = second[i];
        }
    }

    /// <summary>Writes pairs where they belong; the second of the last pair of an odd dimension is dropped.</summary>
    private static void Scatter(
        Span<double> destination, int dimension, ReadOnlySpan<int> at, ReadOnlySpan<double> first, ReadOnlySpan<double> second)
    {
        bool even = (dimension & 1) == 0;
        for (int i = 0; i < at.Length; i++)
        {
            destination[at[i]] = first[i];
            if (even || (at[i] + 1) % dimension != 0)
            {
                destination[at[i] + 1] = second[i];
            }
        }
    }

    /// <summary>Two normals from one Philox block: 52 bits of radius, 52 of angle inside a quadrant, 2 of quadrant.</summary>
    private static (double First, double Second) Pair(uint lane, uint step, uint site, uint block, uint k0, uint k1)
    {
        (uint w0, uint w1, uint w2, uint w3) = Philox.Block(lane, step, site, block, k0, k1);
        ulong radial = ((ulong)w0 << 32) | w1;
        ulong angular = ((ulong)w2 << 32) | w3;
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

    /// <summary>The same as <see cref="Pair"/> for eight blocks.</summary>
    private static void Eight(
        Vector512<ulong> lane, uint step, uint site, Vector512<ulong> block, uint k0, uint k1, Span<double> first, Span<double> second)
    {
        (Vector512<ulong> radial, Vector512<ulong> angular) = Words(lane, step, site, block, k0, k1);
        Vector512<double> radius = Vector512.Sqrt(Vector512.Create(-2.0) * Log(Open(radial)));
        Vector512<double> angle = (Open(angular) - Vector512.Create(0.5)) * Vector512.Create(QuarterTurn);
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

    /// <summary>Philox on counters (lane, step, site, block), each 32-bit word in the low half of 64 bits.</summary>
    private static (Vector512<ulong> Radial, Vector512<ulong> Angular) Words(
        Vector512<ulong> lane, uint step, uint site, Vector512<ulong> block, uint k0, uint k1)
    {
        Vector512<ulong> multiplier0 = Vector512.Create((ulong)Philox.Multiplier0);
        Vector512<ulong> multiplier1 = Vector512.Create((ulong)Philox.Multiplier1);
        Vector512<ulong> c0 = lane;
        Vector512<ulong> c1 = Vector512.Create((ulong)step);
        Vector512<ulong> c2 = Vector512.Create((ulong)site);
        Vector512<ulong> c3 = block;
        for (int round = 0; round < Philox.Rounds; round++)
        {
            // The high halves hold leftovers that the multiplication ignores.
            Vector512<ulong> product0 = MultiplyLow(multiplier0, c0);
            Vector512<ulong> product1 = MultiplyLow(multiplier1, c2);
            c0 = (product1 >> 32) ^ c1 ^ Vector512.Create((ulong)k0);
            c1 = product1;
            c2 = (product0 >> 32) ^ c3 ^ Vector512.Create((ulong)k1);
            c3 = product0;
            k0 += Philox.Weyl0;
            k1 += Philox.Weyl1;
        }

        Vector512<ulong> low = Vector512.Create(0xFFFFFFFFUL);
        return ((c0 << 32) | (c1 & low), (c2 << 32) | (c3 & low));
    }

    /// <summary>The 64-bit products of the low 32 bits.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<ulong> MultiplyLow(Vector512<ulong> multiplier, Vector512<ulong> x) =>
        Avx512F.IsSupported
            ? Avx512F.Multiply(multiplier.AsUInt32(), x.AsUInt32())
            : Avx2.IsSupported
            ? Vector512.Create(
                Avx2.Multiply(multiplier.GetLower().AsUInt32(), x.GetLower().AsUInt32()),
                Avx2.Multiply(multiplier.GetUpper().AsUInt32(), x.GetUpper().AsUInt32()))
            : multiplier * (x & Vector512.Create(0xFFFFFFFFUL));

    /// <summary><see cref="WordStream.Open"/>: the top 52 bits become a mantissa in [1, 2), and both steps are exact.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<double> Open(Vector512<ulong> words) =>
        ((words >> 12) | Vector512.Create(0x3FF0000000000000UL)).AsDouble() - Vector512.Create(1.0 - 1.0 / (1UL << 53));

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
