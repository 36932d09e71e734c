using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Theory.Numerics;

/// <summary>
/// The right factor B (depth × columns) of products C = A·B, cut into panels of up to 24 columns so that the tile kernels
/// read it in one stream: for each slice of <see cref="Slice"/> inner indices, for each panel, its rows one after another.
/// The last panel is padded with zero columns to a multiple of eight.
/// </summary>
internal sealed unsafe class Panels
{
    /// <summary>Inner indices packed together; a panel of one slice fits the first-level caches.</summary>
    public const int Slice = 256;

    /// <summary>Columns of a full panel.</summary>
    public const int Width = 24;

    private readonly double[] storage;

    private Panels(int depth, int columns)
    {
        Depth = depth;
        Columns = columns;
        storage = Scratch.Pinned(depth * Padded(columns));
        Data = Scratch.Aligned(storage);
    }

    /// <summary>The inner extent.</summary>
    public int Depth { get; }

    /// <summary>Columns of the product.</summary>
    public int Columns { get; }

    /// <summary>The packed values, aligned to a cache line; valid as long as this object.</summary>
    public double* Data { get; }

    /// <summary>Columns rounded up to a multiple of eight.</summary>
    public static int Padded(int columns) => (columns + 7) & ~7;

    /// <summary>Packs a row-major matrix (depth × columns), or the transpose of a row-major one (columns × depth).</summary>
    public static Panels Pack(Matrix matrix, bool transpose)
    {
        var panels = transpose ? new Panels(matrix.Columns, matrix.Rows) : new Panels(matrix.Rows, matrix.Columns);
        fixed (double* b = matrix.Values)
        {
            nint rowStride = transpose ? 1 : matrix.Columns;
            nint columnStride = transpose ? matrix.Columns : 1;
            Pack(panels.Depth, panels.Columns, b, rowStride, columnStride, panels.Data);
        }

        return panels;
    }

    /// <summary>Packs B at b with the given strides into <paramref name="target"/> (depth × padded columns values).</summary>
    public static void Pack(int depth, int columns, double* b, nint rowStride, nint columnStride, double* target)
    {
        int padded = Padded(columns);
        for (int k0 = 0; k0 < depth; k0 += Slice)
        {
            int slice = Math.Min(Slice, depth - k0);
            for (int j0 = 0; j0 < padded; j0 += Width)
            {
                int width = Math.Min(Width, padded - j0);
                int filled = Math.Min(Width, columns - j0);
                double* source = b + k0 * rowStride + j0 * columnStride;
                PackPanel(slice, filled, width, source, rowStride, columnStride, target);
                target += slice * width;
            }
        }
    }

    /// <summary>One panel: <paramref name="filled"/> columns, padded with zeros to <paramref name="width"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void PackPanel(
        int depth, int filled, int width, double* source, nint rowStride, nint columnStride, double* target)
    {
        if (filled == Width && columnStride == 1)
        {
            for (int k = 0; k < depth; k++, source += rowStride, target += Width)
            {
                Vector512.Load(source).Store(target);
                Vector512.Load(source + 8).Store(target + 8);
                Vector512.Load(source + 16).Store(target + 16);
            }

            return;
        }

        bool blocks = rowStride == 1 && Avx.IsSupported;
        int wholeColumns = blocks ? filled & ~3 : 0;
        int wholeRows = blocks ? depth & ~3 : 0;
        for (int j = 0; j < wholeColumns; j += 4)
        {
            for (int k = 0; k < wholeRows; k += 4)
            {
                TransposeFour(source + j * columnStride + k, columnStride, target + k * width + j, width);
            }
        }

        for (int k = 0; k < depth; k++)
        {
            double* from = source + k * rowStride;
            double* to = target + k * width;
            for (int j = k < wholeRows ? wholeColumns : 0; j < filled; j++)
            {
                to[j] = from[j * columnStride];
            }

            for (int j = filled; j < width; j++)
            {
                to[j] = 0.0;
            }
        }
    }

    /// <summary>A 4×4 block of rows <paramref name="stride"/> apart, transposed.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void TransposeFour(double* source, nint stride, double* target, int width)
    {
        Vector256<double> a = Vector256.Load(source);
        Vector256<double> b = Vector256.Load(source + stride);
        Vector256<double> c = Vector256.Load(source + 2 * stride);
        Vector256<double> d = Vector256.Load(source + 3 * stride);
        Vector256<double> evenAb = Avx.UnpackLow(a, b);
        Vector256<double> oddAb = Avx.UnpackHigh(a, b);
        Vector256<double> evenCd = Avx.UnpackLow(c, d);
        Vector256<double> oddCd = Avx.UnpackHigh(c, d);
        Avx.Permute2x128(evenAb, evenCd, 0x20).Store(target);
        Avx.Permute2x128(oddAb, oddCd, 0x20).Store(target + width);
        Avx.Permute2x128(evenAb, evenCd, 0x31).Store(target + 2 * width);
        Avx.Permute2x128(oddAb, oddCd, 0x31).Store(target + 3 * width);
    }
}

/// <summary>What the CPU engine keeps beside a matrix: its panels and those of its transpose, packed when first needed.</summary>
internal sealed class PackedMatrix(Matrix matrix)
{
    private readonly Lazy<Panels> plain = new(() => Panels.Pack(matrix, transpose: true));
    private readonly Lazy<Panels> transposed = new(() => Panels.Pack(matrix, transpose: false));

    /// <summary>Panels for x ↦ A·x (rows of X times Aᵀ), or for x ↦ Aᵀ·x.</summary>
    public Panels For(bool transpose) => (transpose ? transposed : plain).Value;
}

/// <summary>Working memory of one thread, aligned to cache lines; contents do not survive a call.</summary>
internal static unsafe class Scratch
{
    [ThreadStatic]
    private static double[]? left;

    [ThreadStatic]
    private static double[]? right;

    [ThreadStatic]
    private static long[]? keys;

    /// <summary>A pinned array with room to align <paramref name="length"/> values.</summary>
    public static double[] Pinned(int length) => GC.AllocateUninitializedArray<double>(length + 8, pinned: true);

    /// <summary>The first cache line inside a pinned array.</summary>
    public static double* Aligned(double[] pinned)
    {
        var address = (nuint)Unsafe.AsPointer(ref pinned[0]);
        return (double*)((address + 63) & ~(nuint)63);
    }

    /// <summary>Room for the left factor.</summary>
    public static double* Left(int length) => Aligned(Grow(ref left, length));

    /// <summary>Room for the right factor.</summary>
    public static double* Right(int length) => Aligned(Grow(ref right, length));

    /// <summary>Room for sort keys.</summary>
    public static Span<long> Keys(int length)
    {
        if (keys is null || keys.Length < length)
        {
            keys = new long[Math.Max(1024, length)];
        }

        return keys.AsSpan(0, length);
    }

    private static double[] Grow(ref double[]? buffer, int length)
    {
        if (buffer is null || buffer.Length < length + 8)
        {
            buffer = Pinned(Math.Max(4096, length));
        }

        return buffer;
    }
}
