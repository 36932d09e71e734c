using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Theory.Numerics;

/// <summary>The largest magnitudes of a run, and runs sorted against each other.</summary>
internal static class Selection
{
    private const long NanKey = 0x7FF0_0000_0000_0001;

    /// <summary>
    /// Copies the k entries of largest magnitude (ties: lowest index; NaN counts as largest) into a zeroed result. The
    /// k-th largest magnitude is found by bisection on the bits of |x|, counting with vectors: as integers they are in
    /// the order of the magnitudes. For k ≤ 8 the k-th largest of the eight columns' maxima bounds it from below, closely.
    /// </summary>
    public static void TopK(ReadOnlySpan<double> x, int k, Span<double> result)
    {
        if (k >= x.Length)
        {
            x.CopyTo(result);
            return;
        }

        if (k == 0)
        {
            return;
        }

        Span<long> keys = Scratch.Keys((x.Length + 7) & ~7);
        Span<long> highs = stackalloc long[8];
        (long low, long high) = Keys(x, keys, highs);
        keys[x.Length..].Fill(-1);
        int above = 0;
        high++;
        if (k <= 8)
        {
            highs.Sort();
            low = highs[8 - k];
            if (CountFrom(keys, low) == k)
            {
                KeepFrom(x, keys, low, 0, result);
                return;
            }
        }

        while (high - low > 1)
        {
            long middle = low + (high - low) / 2;
            int count = CountFrom(keys, middle);
            if (count == k)
            {
                KeepFrom(x, keys, middle, 0, result);
                return;
            }

            if (count > k)
            {
                low = middle;
            }
            else
            {
                high = middle;
                above = count;
            }
        }

        // `low` is the k-th largest key and `above` of the kept entries exceed it.
        KeepFrom(x, keys, low + 1, k - above, result);
    }

    /// <summary>Sorts each coordinate over the workers (values: workers × run, in place), increasing, NaN last, equal values in their order.</summary>
    public static void SortWorkers(Span<double> values, int workers, int run)
    {
        ref double first = ref MemoryMarshal.GetReference(values);
        for (int round = workers - 1; round > 0; round--)
        {
            for (int w = 0; w < round; w++)
            {
                nuint low = (nuint)w * (nuint)run;
                nuint high = low + (nuint)run;
                int i = 0;
                for (; i + 8 <= run; i += 8)
                {
                    Vector512<double> a = Vector512.LoadUnsafe(ref first, low + (nuint)i);
                    Vector512<double> b = Vector512.LoadUnsafe(ref first, high + (nuint)i);
                    Vector512<double> swap = Vector512.LessThan(b, a)
                        | Vector512.AndNot(Vector512.Equals(b, b), Vector512.Equals(a, a));
                    Vector512.ConditionalSelect(swap, b, a).StoreUnsafe(ref first, low + (nuint)i);
                    Vector512.ConditionalSelect(swap, a, b).StoreUnsafe(ref first, high + (nuint)i);
                }

                for (; i < run; i++)
                {
                    ref double a = ref values[w * run + i];
                    ref double b = ref values[(w + 1) * run + i];
                    if (b < a || (double.IsNaN(a) && !double.IsNaN(b)))
                    {
                        (a, b) = (b, a);
                    }
                }
            }
        }
    }

    /// <summary>The bits of |x| (all NaN alike, just above infinity), with the smallest and the largest, and the largest of
    /// each of eight columns (0 for a column that no entry reaches).</summary>
    private static (long Low, long High) Keys(ReadOnlySpan<double> x, Span<long> keys, Span<long> columns)
    {
        ref double from = ref MemoryMarshal.GetReference(x);
        Vector512<long> lows = Vector512.Create(NanKey);
        Vector512<long> highs = default;
        int i = 0;
        for (; i + 8 <= x.Length; i += 8)
        {
            Vector512<long> bits = Vector512.LoadUnsafe(ref from, (nuint)i).AsInt64() & Vector512.Create(long.MaxValue);
            Vector512<long> key = Vector512.Min(bits, Vector512.Create(NanKey));
            key.CopyTo(keys[i..]);
            lows = Vector512.Min(lows, key);
            highs = Vector512.Max(highs, key);
        }

        highs.CopyTo(columns);
        Span<long> least = stackalloc long[8];
        lows.CopyTo(least);
        for (; i < x.Length; i++)
        {
            long key = Math.Min(BitConverter.DoubleToInt64Bits(x[i]) & long.MaxValue, NanKey);
            keys[i] = key;
            columns[i & 7] = Math.Max(columns[i & 7], key);
            least[i & 7] = Math.Min(least[i & 7], key);
        }

        long low = NanKey;
        long high = 0;
        for (int column = 0; column < 8; column++)
        {
            low = Math.Min(low, least[column]);
            high = Math.Max(high, columns[column]);
        }

        return (low, high);
    }

    private static int CountFrom(ReadOnlySpan<long> keys, long threshold)
    {
        ref long from = ref MemoryMarshal.GetReference(keys);
        Vector512<long> least = Vector512.Create(threshold);
        Vector512<long> count = default;
        for (int i = 0; i < keys.Length; i += 8)
        {
            count -= Vector512.GreaterThanOrEqual(Vector512.LoadUnsafe(ref from, (nuint)i), least);
        }

        return (int)Vector512.Sum(count);
    }

    private static void KeepFrom(ReadOnlySpan<double> x, ReadOnlySpan<long> keys, long threshold, int ties, Span<double> result)
    {
        int i = 0;
        for (; i + 8 <= x.Length; i += 8)
        {
            Vector512<long> keep = Vector512.GreaterThanOrEqual(Vector512.Create(keys[i..]), Vector512.Create(threshold));
            (Vector512.Create(x[i..]) & keep.AsDouble()).CopyTo(result[i..]);
        }

        for (; i < x.Length; i++)
        {
            result[i] = keys[i] >= threshold ? x[i] : 0.0;
        }

        for (i = 0; ties > 0; i++)
        {
            if (keys[i] == threshold - 1)
            {
                result[i] = x[i];
                ties--;
            }
        }
    }
}
