using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Theory.Numerics;

/// <summary>A law that makes two numbers of one Philox block, given as two 64-bit words.</summary>
internal interface IPairLaw
{
    /// <summary>The two numbers.</summary>
    static abstract (double First, double Second) Pair(ulong high, ulong low);

    /// <summary>The same bits for eight blocks at a time.</summary>
    static abstract void Eight(Vector512<ulong> high, Vector512<ulong> low, Span<double> first, Span<double> second);
}

/// <summary>
/// Fills lanes from Philox: block b of a lane gives its coordinates 2b and 2b + 1. Eight blocks at a time in vectors, the
/// last few one by one; the bits do not depend on which was used.
/// </summary>
internal static class PairSampler
{
    /// <summary>Blocks per vector pass.</summary>
    public const int Width = 8;

    /// <summary>Fills consecutive lanes of one worker, <paramref name="dimension"/> values each.</summary>
    public static void Fill<TLaw>(
        Span<double> destination, int dimension, uint firstLane, uint step, uint site, uint k0, uint k1, bool vectors = true)
        where TLaw : struct, IPairLaw
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
                (Vector512<ulong> high, Vector512<ulong> low) = Words(Vector512.Create((ulong)number), step, site, run, k0, k1);
                TLaw.Eight(high, low, first, second);
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
                    Flush<TLaw>(waiting, vectors, laneOf, step, site, blockOf, k0, k1, first, second);
                    Scatter(destination, dimension, at[..waiting], first, second);
                    waiting = 0;
                }
            }
        }

        Flush<TLaw>(waiting, vectors, laneOf, step, site, blockOf, k0, k1, first, second);
        Scatter(destination, dimension, at[..waiting], first, second);
    }

    private static void Flush<TLaw>(
        int count, bool vectors, ReadOnlySpan<ulong> lane, uint step, uint site, ReadOnlySpan<ulong> block, uint k0, uint k1,
        Span<double> first, Span<double> second)
        where TLaw : struct, IPairLaw
    {
        if (vectors && count == Width)
        {
            (Vector512<ulong> high, Vector512<ulong> low) = Words(Vector512.Create(lane), step, site, Vector512.Create(block), k0, k1);
            TLaw.Eight(high, low, first, second);
            return;
        }

        for (int i = 0; i < count; i++)
        {
            (uint w0, uint w1, uint w2, uint w3) = Philox.Block((uint)lane[i], step, site, (uint)block[i], k0, k1);
            (first[i], second[i]) = TLaw.Pair(((ulong)w0 << 32) | w1, ((ulong)w2 << 32) | w3);
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

    /// <summary>Philox on eight counters (lane, step, site, block): words 0 and 1, then words 2 and 3.</summary>
    private static (Vector512<ulong> High, Vector512<ulong> Low) Words(
        Vector512<ulong> lane, uint step, uint site, Vector512<ulong> block, uint k0, uint k1)
    {
        Vector512<ulong> multiplier0 = Vector512.Create((ulong)Philox.Multiplier0);
        Vector512<ulong> multiplier1 = Vector512.Create((ulong)Philox.Multiplier1);
        Vector512<ulong> c0 = lane;
        Vector512<ulong> c1 = Vector512.Create((ulong)step);
        Vector512<ulong> c2 = Vector512.Create((ulong)site);
        Vector512<ulong> c3 = block;
        // A 32-bit word lives in the low half of 64 bits; the multiplication ignores the leftovers in the high half.
        for (int round = 0; round < Philox.Rounds; round++)
        {
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
}
