using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Theory.Numerics;

/// <summary>
/// Register tiles of a matrix product with vectors of four, for machines without wider ones: up to 4 rows × 12 columns
/// kept in registers. The same chains of fused multiply-adds as <see cref="Tile512"/>, hence the same bits.
/// </summary>
internal static unsafe class Tile256
{
    /// <summary>C (+)= A·B for <paramref name="rows"/> rows (1, 4 or 8) and <paramref name="width"/> columns (8, 16 or 24).</summary>
    public static void Run(
        int rows, int width, int depth, double* a, nint rs, nint cs, double* b, nint bs, double* c, nint ldc, bool add)
    {
        for (int i = 0; i < rows; i += 4)
        {
            for (int j = 0; j < width; j += 12)
            {
                double* from = a + i * rs;
                double* to = c + i * ldc + j;
                switch (rows, Math.Min(12, width - j))
                {
                    case (1, 12): Part<One, Three>(depth, from, rs, cs, b + j, bs, to, ldc, add); break;
                    case (1, 8): Part<One, Two>(depth, from, rs, cs, b + j, bs, to, ldc, add); break;
                    case (1, _): Part<One, One>(depth, from, rs, cs, b + j, bs, to, ldc, add); break;
                    case (_, 12): Part<Four, Three>(depth, from, rs, cs, b + j, bs, to, ldc, add); break;
                    case (_, 8): Part<Four, Two>(depth, from, rs, cs, b + j, bs, to, ldc, add); break;
                    default: Part<Four, One>(depth, from, rs, cs, b + j, bs, to, ldc, add); break;
                }
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    [SkipLocalsInit]
    private static void Part<TRows, TWidth>(
        int depth, double* a, nint rs, nint cs, double* b, nint bs, double* c, nint ldc, bool add)
        where TRows : struct, ICount
        where TWidth : struct, ICount
    {
        Vector256<double> c00 = default, c01 = default, c02 = default;
        Vector256<double> c10 = default, c11 = default, c12 = default;
        Vector256<double> c20 = default, c21 = default, c22 = default;
        Vector256<double> c30 = default, c31 = default, c32 = default;
        if (add)
        {
            Load<TWidth>(c, ref c00, ref c01, ref c02);
            if (TRows.Count > 1)
            {
                Load<TWidth>(c + ldc, ref c10, ref c11, ref c12);
                Load<TWidth>(c + 2 * ldc, ref c20, ref c21, ref c22);
                Load<TWidth>(c + 3 * ldc, ref c30, ref c31, ref c32);
            }
        }

        nint s2 = 2 * rs, s3 = 3 * rs;
        for (int k = 0; k < depth; k++)
        {
            Vector256<double> b0 = Vector256.Load(b);
            Vector256<double> b1 = TWidth.Count > 1 ? Vector256.Load(b + 4) : default;
            Vector256<double> b2 = TWidth.Count > 2 ? Vector256.Load(b + 8) : default;
            Step<TWidth>(*a, b0, b1, b2, ref c00, ref c01, ref c02);
            if (TRows.Count > 1)
            {
                Step<TWidth>(*(a + rs), b0, b1, b2, ref c10, ref c11, ref c12);
                Step<TWidth>(*(a + s2), b0, b1, b2, ref c20, ref c21, ref c22);
                Step<TWidth>(*(a + s3), b0, b1, b2, ref c30, ref c31, ref c32);
            }

            a += cs;
            b += bs;
        }

        Store<TWidth>(c, c00, c01, c02);
        if (TRows.Count > 1)
        {
            Store<TWidth>(c + ldc, c10, c11, c12);
            Store<TWidth>(c + 2 * ldc, c20, c21, c22);
            Store<TWidth>(c + 3 * ldc, c30, c31, c32);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Load<TWidth>(
        double* c, ref Vector256<double> c0, ref Vector256<double> c1, ref Vector256<double> c2)
        where TWidth : struct, ICount
    {
        c0 = Vector256.Load(c);
        c1 = TWidth.Count > 1 ? Vector256.Load(c + 4) : c1;
        c2 = TWidth.Count > 2 ? Vector256.Load(c + 8) : c2;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Step<TWidth>(
        double a,
        Vector256<double> b0,
        Vector256<double> b1,
        Vector256<double> b2,
        ref Vector256<double> c0,
        ref Vector256<double> c1,
        ref Vector256<double> c2)
        where TWidth : struct, ICount
    {
        Vector256<double> x = Vector256.Create(a);
        c0 = Vector256.FusedMultiplyAdd(x, b0, c0);
        c1 = TWidth.Count > 1 ? Vector256.FusedMultiplyAdd(x, b1, c1) : c1;
        c2 = TWidth.Count > 2 ? Vector256.FusedMultiplyAdd(x, b2, c2) : c2;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store<TWidth>(double* c, Vector256<double> c0, Vector256<double> c1, Vector256<double> c2)
        where TWidth : struct, ICount
    {
        c0.Store(c);
        if (TWidth.Count > 1)
        {
            c1.Store(c + 4);
        }

        if (TWidth.Count > 2)
        {
            c2.Store(c + 8);
        }
    }
}
