using System.Numerics;

namespace Theory.Numerics;

/// <summary>
/// Draws as pure functions of a <see cref="DrawAddress"/>. A lane's numbers do not depend on the other lanes or on how
/// lanes are cut into chunks, and have the same bits on every machine (see <see cref="Philox"/>; elementary functions
/// are computed from IEEE operations alone). Different kinds of draw at one address are independent; two draws of the
/// same kind need different sites or steps.
/// </summary>
public static partial class Sampler
{
    /// <summary>
    /// Independent uniforms on the odd multiples of 2⁻⁵³ in (0, 1): 52 random bits, never 0 or 1, symmetric about 1/2.
    /// </summary>
    public static Block Uniform(DrawAddress address, int workers, int lanes, int dimension) =>
        FillPairs<UniformPair>(address, DrawKind.Uniform, Shape.Vector(workers, lanes, dimension));

    /// <summary><paramref name="count"/> independent indices, uniform on {0, …, bound − 1} with replacement, exactly.</summary>
    public static Indices Index(DrawAddress address, int workers, int lanes, int count, int bound)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(bound, 1);
        int[] values = NewIndices(workers, lanes, count);
        int at = 0;
        for (int worker = 0; worker < workers; worker++)
        {
            (uint K0, uint K1) key = address.Key(DrawKind.Index, worker);
            for (int lane = 0; lane < lanes; lane++)
            {
                WordStream words = address.Words(key, lane);
                for (int j = 0; j < count; j++)
                {
                    values[at++] = words.NextBelow(bound);
                }
            }
        }

        return new Indices(workers, lanes, count, bound, values);
    }

    /// <summary>
    /// <paramref name="count"/> independent indices with replacement, index i with probability
    /// <paramref name="probabilities"/>[i] up to 2⁻⁵³; an index of probability 0 is never drawn.
    /// </summary>
    /// <exception cref="ArgumentException">A probability is negative or not finite, or the sum is not 1 within 1e-9.</exception>
    public static Indices WeightedIndex(
        DrawAddress address, int workers, int lanes, int count, ReadOnlySpan<double> probabilities)
    {
        double[] cumulative = Cumulative(probabilities);
        double total = cumulative[^1];
        int last = Array.IndexOf(cumulative, total);
        int[] values = NewIndices(workers, lanes, count);
        int at = 0;
        for (int worker = 0; worker < workers; worker++)
        {
            (uint K0, uint K1) key = address.Key(DrawKind.WeightedIndex, worker);
            for (int lane = 0; lane < lanes; lane++)
            {
                WordStream words = address.Words(key, lane);
                for (int j = 0; j < count; j++)
                {
                    double level = (words.Next64() >> 11) * (1.0 / (1UL << 53)) * total;
                    values[at++] = Math.Min(FirstAbove(cumulative, level), last);
                }
            }
        }

        return new Indices(workers, lanes, count, probabilities.Length, values);
    }

    /// <summary>One coin per worker and lane: true with probability <paramref name="p"/> up to 2⁻⁶⁴.</summary>
    public static Mask Coin(DrawAddress address, int workers, int lanes, double p) =>
        Coin(address, workers, lanes, [p]);

    /// <summary>One coin per worker and lane: worker w's is true with probability <paramref name="probabilities"/>[w] up to 2⁻⁶⁴.</summary>
    /// <exception cref="ArgumentException">There is neither one probability nor one per worker.</exception>
    public static Mask Coin(DrawAddress address, int workers, int lanes, ReadOnlySpan<double> probabilities)
    {
        if (probabilities.Length != 1 && probabilities.Length != workers)
        {
            throw new ArgumentException(
                $"{probabilities.Length} probabilities do not fit {workers} workers.", nameof(probabilities));
        }

        ArgumentOutOfRangeException.ThrowIfLessThan(workers, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(lanes, 1);
        var values = new bool[workers * lanes];
        for (int worker = 0; worker < workers; worker++)
        {
            (uint K0, uint K1) key = address.Key(DrawKind.Coin, worker);
            double p = probabilities[probabilities.Length == 1 ? 0 : worker];
            if (!(p >= 0.0 && p <= 1.0))
            {
                throw new ArgumentOutOfRangeException(nameof(probabilities), p, "A probability lies in [0, 1].");
            }

            ulong threshold = p >= 1.0 ? ulong.MaxValue : (ulong)(p * 18446744073709551616.0);
            for (int lane = 0; lane < lanes; lane++)
            {
                WordStream words = address.Words(key, lane);
                values[worker * lanes + lane] = p >= 1.0 || words.Next64() < threshold;
            }
        }

        return new Mask(workers, lanes, values);
    }

    /// <summary>A subset of {0, …, d − 1} of size <paramref name="k"/> per worker and lane, all equally likely, in increasing order.</summary>
    public static Indices Subset(DrawAddress address, int workers, int lanes, int k, int d)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(k, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(k, d);
        int[] values = NewIndices(workers, lanes, k);
        var members = new ulong[(d + 63) / 64];
        int at = 0;
        for (int worker = 0; worker < workers; worker++)
        {
            (uint K0, uint K1) key = address.Key(DrawKind.Subset, worker);
            for (int lane = 0; lane < lanes; lane++, at += k)
            {
                WordStream words = address.Words(key, lane);
                DrawSubset(ref words, members, k, d);
                Collect(members, values.AsSpan(at, k));
            }
        }

        return new Indices(workers, lanes, k, d, values);
    }

    /// <summary>A permutation of {0, …, n − 1} per worker and lane, all n! equally likely (Fisher–Yates).</summary>
    public static Indices Permutation(DrawAddress address, int workers, int lanes, int n)
    {
        int[] values = NewIndices(workers, lanes, n);
        for (int worker = 0; worker < workers; worker++)
        {
            (uint K0, uint K1) key = address.Key(DrawKind.Permutation, worker);
            for (int lane = 0; lane < lanes; lane++)
            {
                WordStream words = address.Words(key, lane);
                Span<int> order = values.AsSpan((worker * lanes + lane) * n, n);
                for (int j = 0; j < n; j++)
                {
                    int other = words.NextBelow(j + 1);
                    order[j] = order[other];
                    order[other] = j;
                }
            }
        }

        return new Indices(workers, lanes, n, n, values);
    }

    private static int[] NewIndices(int workers, int lanes, int count)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(workers, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(lanes, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        return new int[checked(workers * lanes * count)];
    }

    /// <summary>Floyd's subset, drawn as the complement where that is smaller.</summary>
    private static void DrawSubset(ref WordStream words, Span<ulong> members, int k, int d)
    {
        members.Clear();
        int drawn = Math.Min(k, d - k);
        for (int j = d - drawn; j < d; j++)
        {
            int t = words.NextBelow(j + 1);
            int chosen = (members[t >> 6] >> (t & 63) & 1) == 0 ? t : j;
            members[chosen >> 6] |= 1UL << (chosen & 63);
        }

        if (drawn < k)
        {
            for (int i = 0; i < members.Length; i++)
            {
                members[i] = ~members[i];
            }

            if ((d & 63) != 0)
            {
                members[^1] &= (1UL << (d & 63)) - 1;
            }
        }
    }

    private static void Collect(ReadOnlySpan<ulong> members, Span<int> destination)
    {
        int at = 0;
        for (int i = 0; i < members.Length; i++)
        {
            for (ulong rest = members[i]; rest != 0; rest &= rest - 1)
            {
                destination[at++] = 64 * i + BitOperations.TrailingZeroCount(rest);
            }
        }
    }

    private static double[] Cumulative(ReadOnlySpan<double> probabilities)
    {
        if (probabilities.IsEmpty)
        {
            throw new ArgumentException("At least one probability is needed.", nameof(probabilities));
        }

        var cumulative = new double[probabilities.Length];
        double total = 0.0;
        for (int i = 0; i < probabilities.Length; i++)
        {
            if (!(probabilities[i] >= 0.0 && double.IsFinite(probabilities[i])))
            {
                throw new ArgumentException(
                    $"Probability {i} is {probabilities[i]}; it must be finite and nonnegative.", nameof(probabilities));
            }

            total += probabilities[i];
            cumulative[i] = total;
        }

        if (Math.Abs(total - 1.0) > 1e-9)
        {
            throw new ArgumentException($"The probabilities sum to {total}, not 1.", nameof(probabilities));
        }

        return cumulative;
    }

    /// <summary>The first i with cumulative[i] > level; the length where there is none.</summary>
    private static int FirstAbove(double[] cumulative, double level)
    {
        int low = 0;
        int high = cumulative.Length;
        while (low < high)
        {
            int middle = (low + high) >>> 1;
            if (cumulative[middle] > level)
            {
                high = middle;
            }
            else
            {
                low = middle + 1;
            }
        }

        return low;
    }

    private static Block FillPairs<TLaw>(DrawAddress address, DrawKind kind, Shape shape)
        where TLaw : struct, IPairLaw
    {
        double[] values = StepArena.Rent(shape.Length);
        int each = shape.Lanes * shape.Dimension;
        for (int worker = 0; worker < shape.Workers; worker++)
        {
            FillPairs<TLaw>(address, kind, worker, values.AsSpan(worker * each, each), shape.Dimension);
        }

        return new Block(null, shape, values);
    }

    private static void FillPairs<TLaw>(DrawAddress address, DrawKind kind, int worker, Span<double> lanes, int dimension)
        where TLaw : struct, IPairLaw
    {
        (uint k0, uint k1) = address.Key(kind, worker);
        PairSampler.Fill<TLaw>(
            lanes, dimension, unchecked((uint)address.FirstLane), (uint)address.Step, (uint)address.Site, k0, k1);
    }

    private delegate double Draw(ref WordStream words);

    private static Block Fill(DrawAddress address, DrawKind kind, Shape shape, Draw draw)
    {
        double[] values = StepArena.Rent(shape.Length);
        int at = 0;
        for (int worker = 0; worker < shape.Workers; worker++)
        {
            (uint K0, uint K1) key = address.Key(kind, worker);
            for (int lane = 0; lane < shape.Lanes; lane++)
            {
                WordStream words = address.Words(key, lane);
                for (int i = 0; i < shape.Dimension; i++)
                {
                    values[at++] = draw(ref words);
                }
            }
        }

        return new Block(null, shape, values);
    }
}
