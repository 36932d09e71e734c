using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Theory.Numerics;

/// <summary>A function of one value, on eight at once.</summary>
internal interface IUnaryKernel
{
    Vector512<double> Of(Vector512<double> x);
}

/// <summary>A function of two values, on eight at once.</summary>
internal interface IBinaryKernel
{
    static abstract Vector512<double> Of(Vector512<double> x, Vector512<double> y);
}

/// <summary>
/// Elementwise passes. Every value goes through the vector form of its function, also at the end of a run, so that its
/// result does not depend on its place.
/// </summary>
internal static class Elementwise
{
    /// <summary>result = f(x); the spans do not overlap.</summary>
    public static void Map<TKernel>(TKernel kernel, ReadOnlySpan<double> x, Span<double> result)
        where TKernel : struct, IUnaryKernel
    {
        ref double from = ref MemoryMarshal.GetReference(x);
        ref double to = ref MemoryMarshal.GetReference(result);
        int n = x.Length;
        if (n < 8)
        {
            StoreFirst(kernel.Of(LoadFirst(x)), result);
            return;
        }

        for (int i = 0; i + 8 <= n; i += 8)
        {
            kernel.Of(Vector512.LoadUnsafe(ref from, (nuint)i)).StoreUnsafe(ref to, (nuint)i);
        }

        if (n % 8 != 0)
        {
            kernel.Of(Vector512.LoadUnsafe(ref from, (nuint)(n - 8))).StoreUnsafe(ref to, (nuint)(n - 8));
        }
    }

    /// <summary>result = f(x, y); an operand of length 1 stretches over the run.</summary>
    public static void Zip<TKernel>(ReadOnlySpan<double> x, ReadOnlySpan<double> y, Span<double> result)
        where TKernel : struct, IBinaryKernel
    {
        int n = result.Length;
        if (n < 8)
        {
            StoreFirst(TKernel.Of(Stretched(x, n), Stretched(y, n)), result);
            return;
        }

        ref double fromX = ref MemoryMarshal.GetReference(x);
        ref double fromY = ref MemoryMarshal.GetReference(y);
        ref double to = ref MemoryMarshal.GetReference(result);
        bool wideX = x.Length == n;
        bool wideY = y.Length == n;
        Vector512<double> vx = Vector512.Create(fromX);
        Vector512<double> vy = Vector512.Create(fromY);
        for (int i = 0; i < n; i += 8)
        {
            var at = (nuint)Math.Min(i, n - 8);
            vx = wideX ? Vector512.LoadUnsafe(ref fromX, at) : vx;
            vy = wideY ? Vector512.LoadUnsafe(ref fromY, at) : vy;
            TKernel.Of(vx, vy).StoreUnsafe(ref to, at);
        }
    }

    private static Vector512<double> Stretched(ReadOnlySpan<double> x, int n) =>
        x.Length == n ? LoadFirst(x) : Vector512.Create(x[0]);

    [SkipLocalsInit]
    private static Vector512<double> LoadFirst(ReadOnlySpan<double> x)
    {
        Span<double> padded = stackalloc double[8];
        padded.Clear();
        x.CopyTo(padded);
        return Vector512.Create<double>(padded);
    }

    [SkipLocalsInit]
    private static void StoreFirst(Vector512<double> v, Span<double> result)
    {
        Span<double> all = stackalloc double[8];
        v.CopyTo(all);
        all[..result.Length].CopyTo(result);
    }
}
