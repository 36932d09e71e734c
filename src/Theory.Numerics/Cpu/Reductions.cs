using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Theory.Numerics;

/// <summary>One step of a reduction, on eight values or one, and how partial results meet.</summary>
internal interface IReductionKernel
{
    static abstract Vector512<double> Step(Vector512<double> sum, Vector512<double> x);

    static abstract double Step(double sum, double x);

    static abstract Vector512<double> Join(Vector512<double> x, Vector512<double> y);

    static abstract double Across(Vector512<double> x);
}

/// <summary>
/// Reductions of one run of n values. Order: four vectors of eight partial results take blocks of 32 values in turn, the
/// first of them also the remaining blocks of 8; they join as (0+1)+(2+3), then halves fold onto each other
/// (8 → 4 → 2 → 1), then the last n mod 8 values follow one by one. The order depends on n alone.
/// </summary>
internal static class Reductions
{
    /// <summary>The reduction of one run.</summary>
    public static double Run<TKernel>(ReadOnlySpan<double> x)
        where TKernel : struct, IReductionKernel
    {
        ref double from = ref MemoryMarshal.GetReference(x);
        int i = 0;
        double result = 0.0;
        if (x.Length >= 8)
        {
            Vector512<double> s0 = default, s1 = default, s2 = default, s3 = default;
            for (; i + 32 <= x.Length; i += 32)
            {
                s0 = TKernel.Step(s0, Vector512.LoadUnsafe(ref from, (nuint)i));
                s1 = TKernel.Step(s1, Vector512.LoadUnsafe(ref from, (nuint)i + 8));
                s2 = TKernel.Step(s2, Vector512.LoadUnsafe(ref from, (nuint)i + 16));
                s3 = TKernel.Step(s3, Vector512.LoadUnsafe(ref from, (nuint)i + 24));
            }

            for (; i + 8 <= x.Length; i += 8)
            {
                s0 = TKernel.Step(s0, Vector512.LoadUnsafe(ref from, (nuint)i));
            }

            result = TKernel.Across(TKernel.Join(TKernel.Join(s0, s1), TKernel.Join(s2, s3)));
        }

        for (; i < x.Length; i++)
        {
            result = TKernel.Step(result, x[i]);
        }

        return result;
    }

    /// <summary>⟨x, y⟩ by fused multiply-adds in the same order; an operand of length 1 stretches.</summary>
    public static double Dot(ReadOnlySpan<double> x, ReadOnlySpan<double> y)
    {
        if (x.Length != y.Length)
        {
            return x.Length == 1 ? Stretched(y, x[0]) : Stretched(x, y[0]);
        }

        ref double fromX = ref MemoryMarshal.GetReference(x);
        ref double fromY = ref MemoryMarshal.GetReference(y);
        int i = 0;
        double result = 0.0;
        if (x.Length >= 8)
        {
            Vector512<double> s0 = default, s1 = default, s2 = default, s3 = default;
            for (; i + 32 <= x.Length; i += 32)
            {
                s0 = Step(s0, ref fromX, ref fromY, i);
                s1 = Step(s1, ref fromX, ref fromY, i + 8);
                s2 = Step(s2, ref fromX, ref fromY, i + 16);
                s3 = Step(s3, ref fromX, ref fromY, i + 24);
            }

            for (; i + 8 <= x.Length; i += 8)
            {
                s0 = Step(s0, ref fromX, ref fromY, i);
            }

            result = FoldedSum((s0 + s1) + (s2 + s3));
        }

        for (; i < x.Length; i++)
        {
            result = Math.FusedMultiplyAdd(x[i], y[i], result);
        }

        return result;
    }

    private static Vector512<double> Step(Vector512<double> sum, ref double x, ref double y, int i) =>
        Vector512.FusedMultiplyAdd(Vector512.LoadUnsafe(ref x, (nuint)i), Vector512.LoadUnsafe(ref y, (nuint)i), sum);

    private static double Stretched(ReadOnlySpan<double> x, double y)
    {
        double result = 0.0;
        foreach (double v in x)
        {
            result = Math.FusedMultiplyAdd(v, y, result);
        }

        return result;
    }

    private static double FoldedSum(Vector512<double> x)
    {
        Vector256<double> four = x.GetLower() + x.GetUpper();
        Vector128<double> two = four.GetLower() + four.GetUpper();
        return two[0] + two[1];
    }

    public readonly struct Sum : IReductionKernel
    {
        public static Vector512<double> Step(Vector512<double> sum, Vector512<double> x) => sum + x;

        public static double Step(double sum, double x) => sum + x;

        public static Vector512<double> Join(Vector512<double> x, Vector512<double> y) => x + y;

        public static double Across(Vector512<double> x) => FoldedSum(x);
    }

    public readonly struct SumAbs : IReductionKernel
    {
        public static Vector512<double> Step(Vector512<double> sum, Vector512<double> x) => sum + Vector512.Abs(x);

        public static double Step(double sum, double x) => sum + Math.Abs(x);

        public static Vector512<double> Join(Vector512<double> x, Vector512<double> y) => x + y;

        public static double Across(Vector512<double> x) => FoldedSum(x);
    }

    public readonly struct SumSquares : IReductionKernel
    {
        public static Vector512<double> Step(Vector512<double> sum, Vector512<double> x) => Vector512.FusedMultiplyAdd(x, x, sum);

        public static double Step(double sum, double x) => Math.FusedMultiplyAdd(x, x, sum);

        public static Vector512<double> Join(Vector512<double> x, Vector512<double> y) => x + y;

        public static double Across(Vector512<double> x) => FoldedSum(x);
    }

    public readonly struct CountNonZero : IReductionKernel
    {
        public static Vector512<double> Step(Vector512<double> sum, Vector512<double> x) =>
            sum + Vector512.ConditionalSelect(
                Vector512.Equals(x, Vector512<double>.Zero), Vector512<double>.Zero, Vector512<double>.One);

        public static double Step(double sum, double x) => x != 0.0 ? sum + 1.0 : sum;

        public static Vector512<double> Join(Vector512<double> x, Vector512<double> y) => x + y;

        public static double Across(Vector512<double> x) => FoldedSum(x);
    }

    public readonly struct MaxAbs : IReductionKernel
    {
        public static Vector512<double> Step(Vector512<double> sum, Vector512<double> x) => Vector512.Max(sum, Vector512.Abs(x));

        public static double Step(double sum, double x) => Math.Max(sum, Math.Abs(x));

        public static Vector512<double> Join(Vector512<double> x, Vector512<double> y) => Vector512.Max(x, y);

        public static double Across(Vector512<double> x)
        {
            Vector256<double> four = Vector256.Max(x.GetLower(), x.GetUpper());
            Vector128<double> two = Vector128.Max(four.GetLower(), four.GetUpper());
            return Math.Max(two[0], two[1]);
        }
    }
}
