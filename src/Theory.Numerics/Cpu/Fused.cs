using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Theory.Numerics;

/// <summary>Linear combinations: acc = c₀·t₀, then acc = fma(c_j, t_j, acc) in order, for each value on its own.</summary>
internal static class Fused
{
    /// <summary>Values that stay in the first-level cache while the terms pass over them.</summary>
    private const int Chunk = 1024;

    /// <summary>The combination over one run; term j starts at starts[j] and gives one value where stretched[j].</summary>
    public static void Run(
        Span<double> result,
        ReadOnlySpan<double> c,
        ReadOnlySpan<View> terms,
        ReadOnlySpan<int> starts,
        ReadOnlySpan<bool> stretched)
    {
        for (int from = 0; from < result.Length; from += Chunk)
        {
            Span<double> part = result.Slice(from, Math.Min(Chunk, result.Length - from));
            for (int j = 0; j < terms.Length;)
            {
                if (stretched[j])
                {
                    Constant(part, c[j], terms[j].Values[starts[j]], j == 0);
                    j++;
                    continue;
                }

                int count = 1;
                while (count < 4 && j + count < terms.Length && !stretched[j + count])
                {
                    count++;
                }

                ref double t0 = ref At(terms, starts, j, from);
                ref double t1 = ref At(terms, starts, j + Math.Min(1, count - 1), from);
                ref double t2 = ref At(terms, starts, j + Math.Min(2, count - 1), from);
                ref double t3 = ref At(terms, starts, j + count - 1, from);
                ReadOnlySpan<double> own = c.Slice(j, count);
                switch (count)
                {
                    case 1: Terms<One>(part, j == 0, own, ref t0, ref t1, ref t2, ref t3); break;
                    case 2: Terms<Two>(part, j == 0, own, ref t0, ref t1, ref t2, ref t3); break;
                    case 3: Terms<Three>(part, j == 0, own, ref t0, ref t1, ref t2, ref t3); break;
                    default: Terms<Four>(part, j == 0, own, ref t0, ref t1, ref t2, ref t3); break;
                }

                j += count;
            }
        }
    }

    /// <summary>result = c·x, or fma(c, x, result).</summary>
    public static void Axpy(Span<double> result, double c, ReadOnlySpan<double> x, bool first)
    {
        ref double t = ref MemoryMarshal.GetReference(x);
        Terms<One>(result, first, new ReadOnlySpan<double>(in c), ref t, ref t, ref t, ref t);
    }

    private static ref double At(ReadOnlySpan<View> terms, ReadOnlySpan<int> starts, int j, int from) =>
        ref Unsafe.Add(ref MemoryMarshal.GetArrayDataReference(terms[j].Values), (nint)starts[j] + from);

    private static void Constant(Span<double> result, double c, double t, bool first)
    {
        if (first)
        {
            result.Fill(c * t);
            return;
        }

        for (int i = 0; i < result.Length; i++)
        {
            result[i] = Math.FusedMultiplyAdd(c, t, result[i]);
        }
    }

    private static void Terms<TCount>(
        Span<double> result,
        bool first,
        ReadOnlySpan<double> c,
        ref double t0,
        ref double t1,
        ref double t2,
        ref double t3)
        where TCount : struct, ICount
    {
        ref double r = ref MemoryMarshal.GetReference(result);
        double c0 = c[0];
        double c1 = TCount.Count > 1 ? c[1] : 0.0;
        double c2 = TCount.Count > 2 ? c[2] : 0.0;
        double c3 = TCount.Count > 3 ? c[3] : 0.0;
        Vector512<double> v0 = Vector512.Create(c0), v1 = Vector512.Create(c1);
        Vector512<double> v2 = Vector512.Create(c2), v3 = Vector512.Create(c3);
        int i = 0;
        for (; i + 8 <= result.Length; i += 8)
        {
            Vector512<double> x = Vector512.LoadUnsafe(ref t0, (nuint)i);
            Vector512<double> sum = first
                ? v0 * x
                : Vector512.FusedMultiplyAdd(v0, x, Vector512.LoadUnsafe(ref r, (nuint)i));
            sum = TCount.Count > 1 ? Vector512.FusedMultiplyAdd(v1, Vector512.LoadUnsafe(ref t1, (nuint)i), sum) : sum;
            sum = TCount.Count > 2 ? Vector512.FusedMultiplyAdd(v2, Vector512.LoadUnsafe(ref t2, (nuint)i), sum) : sum;
            sum = TCount.Count > 3 ? Vector512.FusedMultiplyAdd(v3, Vector512.LoadUnsafe(ref t3, (nuint)i), sum) : sum;
            sum.StoreUnsafe(ref r, (nuint)i);
        }

        for (; i < result.Length; i++)
        {
            double x = Unsafe.Add(ref t0, i);
            double sum = first ? c0 * x : Math.FusedMultiplyAdd(c0, x, Unsafe.Add(ref r, i));
            sum = TCount.Count > 1 ? Math.FusedMultiplyAdd(c1, Unsafe.Add(ref t1, i), sum) : sum;
            sum = TCount.Count > 2 ? Math.FusedMultiplyAdd(c2, Unsafe.Add(ref t2, i), sum) : sum;
            sum = TCount.Count > 3 ? Math.FusedMultiplyAdd(c3, Unsafe.Add(ref t3, i), sum) : sum;
            Unsafe.Add(ref r, i) = sum;
        }
    }
}
