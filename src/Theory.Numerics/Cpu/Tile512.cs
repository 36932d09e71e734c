using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Theory.Numerics;

/// <summary>A number known when a kernel is compiled: rows of a tile, or vectors in a row of it.</summary>
internal interface ICount
{
    static abstract int Count { get; }
}

/// <summary>One.</summary>
internal readonly struct One : ICount
{
    public static int Count => 1;
}

/// <summary>Two.</summary>
internal readonly struct Two : ICount
{
    public static int Count => 2;
}

/// <summary>Three.</summary>
internal readonly struct Three : ICount
{
    public static int Count => 3;
}

/// <summary>Four.</summary>
internal readonly struct Four : ICount
{
    public static int Count => 4;
}

/// <summary>Eight.</summary>
internal readonly struct Eight : ICount
{
    public static int Count => 8;
}

/// <summary>
/// Register tiles of a matrix product with vectors of eight: up to 8 rows × 24 columns kept in registers. Every entry is
/// one chain of fused multiply-adds over the inner index in increasing order, whatever the tile.
/// </summary>
internal static unsafe class Tile512
{
    /// <summary>
    /// C (+)= A·B for TRows rows and TWidth vectors: A at a with strides (rs, cs), B at b with row stride bs, C at c
    /// with row stride ldc. Starts from zero, or from C when <paramref name="add"/> is set.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    [SkipLocalsInit]
    public static void Run<TRows, TWidth>(
        int depth, double* a, nint rs, nint cs, double* b, nint bs, double* c, nint ldc, bool add)
        where TRows : struct, ICount
        where TWidth : struct, ICount
    {
        Vector512<double> c00 = default, c01 = default, c02 = default;
        Vector512<double> c10 = default, c11 = default, c12 = default;
        Vector512<double> c20 = default, c21 = default, c22 = default;
        Vector512<double> c30 = default, c31 = default, c32 = default;
        Vector512<double> c40 = default, c41 = default, c42 = default;
        Vector512<double> c50 = default, c51 = default, c52 = default;
        Vector512<double> c60 = default, c61 = default, c62 = default;
        Vector512<double> c70 = default, c71 = default, c72 = default;
        if (add)
        {
            Load<TWidth>(c, ref c00, ref c01, ref c02);

            if (TRows.Count > 1)
            {
                Load<TWidth>(c + 1 * ldc, ref c10, ref c11, ref c12);
            }

            if (TRows.Count > 2)
            {
                Load<TWidth>(c + 2 * ldc, ref c20, ref c21, ref c22);
                Load<TWidth>(c + 3 * ldc, ref c30, ref c31, ref c32);
            }

            if (TRows.Count > 4)
            {
                Load<TWidth>(c + 4 * ldc, ref c40, ref c41, ref c42);
                Load<TWidth>(c + 5 * ldc, ref c50, ref c51, ref c52);
                Load<TWidth>(c + 6 * ldc, ref c60, ref c61, ref c62);
                Load<TWidth>(c + 7 * ldc, ref c70, ref c71, ref c72);
            }
        }

        double* e = a + 4 * rs;
        nint s1 = rs, s2 = 2 * rs, s3 = 3 * rs;
        for (int k = 0; k < depth; k++)
        {
            Vector512<double> b0 = Vector512.Load(b);
            Vector512<double> b1 = TWidth.Count > 1 ? Vector512.Load(b + 8) : default;
            Vector512<double> b2 = TWidth.Count > 2 ? Vector512.Load(b + 16) : default;
            Step<TWidth>(*a, b0, b1, b2, ref c00, ref c01, ref c02);

            if (TRows.Count > 1)
            {
                Step<TWidth>(*(a + s1), b0, b1, b2, ref c10, ref c11, ref c12);
            }

            if (TRows.Count > 2)
            {
                Step<TWidth>(*(a + s2), b0, b1, b2, ref c20, ref c21, ref c22);
                Step<TWidth>(*(a + s3), b0, b1, b2, ref c30, ref c31, ref c32);
            }

            if (TRows.Count > 4)
            {
                Step<TWidth>(*e, b0, b1, b2, ref c40, ref c41, ref c42);
                Step<TWidth>(*(e + s1), b0, b1, b2, ref c50, ref c51, ref c52);
                Step<TWidth>(*(e + s2), b0, b1, b2, ref c60, ref c61, ref c62);
                Step<TWidth>(*(e + s3), b0, b1, b2, ref c70, ref c71, ref c72);
            }

            a += cs;
            e += cs;
            b += bs;
        }

        Store<TWidth>(c, c00, c01, c02);

        if (TRows.Count > 1)
        {
            Store<TWidth>(c + 1 * ldc, c10, c11, c12);
        }

        if (TRows.Count > 2)
        {
            Store<TWidth>(c + 2 * ldc, c20, c21, c22);
            Store<TWidth>(c + 3 * ldc, c30, c31, c32);
        }

        if (TRows.Count > 4)
        {
            Store<TWidth>(c + 4 * ldc, c40, c41, c42);
            Store<TWidth>(c + 5 * ldc, c50, c51, c52);
            Store<TWidth>(c + 6 * ldc, c60, c61, c62);
            Store<TWidth>(c + 7 * ldc, c70, c71, c72);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Load<TWidth>(
        double* c, ref Vector512<double> c0, ref Vector512<double> c1, ref Vector512<double> c2)
        where TWidth : struct, ICount
    {
        c0 = Vector512.Load(c);
        c1 = TWidth.Count > 1 ? Vector512.Load(c + 8) : c1;
        c2 = TWidth.Count > 2 ? Vector512.Load(c + 16) : c2;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Step<TWidth>(
        double a,
        Vector512<double> b0,
        Vector512<double> b1,
        Vector512<double> b2,
        ref Vector512<double> c0,
        ref Vector512<double> c1,
        ref Vector512<double> c2)
        where TWidth : struct, ICount
    {
        Vector512<double> x = Vector512.Create(a);
        c0 = Vector512.FusedMultiplyAdd(x, b0, c0);
        c1 = TWidth.Count > 1 ? Vector512.FusedMultiplyAdd(x, b1, c1) : c1;
        c2 = TWidth.Count > 2 ? Vector512.FusedMultiplyAdd(x, b2, c2) : c2;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store<TWidth>(double* c, Vector512<double> c0, Vector512<double> c1, Vector512<double> c2)
        where TWidth : struct, ICount
    {
        c0.Store(c);
        if (TWidth.Count > 1)
        {
            c1.Store(c + 8);
        }

        if (TWidth.Count > 2)
        {
            c2.Store(c + 16);
        }
    }
}
