using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Theory.Numerics;

/// <summary>
/// Dense matrix products. Every entry of a product is one chain of fused multiply-adds over the inner index in
/// increasing order, whatever the sizes, the blocking, the vector width and the number of threads: results are the same bits.
/// </summary>
public static unsafe class Gemm
{
    /// <summary>Rows of the left factor that are packed together; their slice stays in the second-level cache.</summary>
    private const int RowBlock = 96;

    private const int TileRows = 8;

    /// <summary>A·B, on up to <paramref name="threads"/> threads.</summary>
    /// <exception cref="ArgumentException">The inner extents differ.</exception>
    public static Matrix Multiply(Matrix a, Matrix b, int threads = 1)
    {
        if (a.Columns != b.Rows)
        {
            throw new ArgumentException($"A {a.Rows}×{a.Columns} matrix cannot multiply a {b.Rows}×{b.Columns} one.", nameof(b));
        }

        double[] c = GC.AllocateUninitializedArray<double>(a.Rows * b.Columns);
        Multiply(a.Rows, b.Columns, a.Columns, a.Values, b.Values, c, threads);
        return new Matrix(a.Rows, b.Columns, c);
    }

    /// <summary>C = A·B for row-major spans: A rows × inner, B inner × columns, C rows × columns.</summary>
    /// <exception cref="ArgumentException">A span does not have the length that the extents ask for.</exception>
    public static void Multiply(
        int rows, int columns, int inner, ReadOnlySpan<double> a, ReadOnlySpan<double> b, Span<double> c, int threads = 1)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(threads, 1);
        Fits(a.Length, rows, inner, nameof(a));
        Fits(b.Length, inner, columns, nameof(b));
        Fits(c.Length, rows, columns, nameof(c));
        fixed (double* pa = a, pb = b, pc = c)
        {
            double* panels = Scratch.Right(inner * Panels.Padded(columns));
            Panels.Pack(inner, columns, pb, columns, 1, panels);
            if (threads == 1 || rows <= RowBlock)
            {
                Run(rows, columns, inner, pa, inner, 1, panels, pc, columns);
                return;
            }

            // Pointers are captured as integers; the arrays stay pinned until every part is done.
            var (left, right, result) = ((nint)pa, (nint)panels, (nint)pc);
            int blocks = (rows + RowBlock - 1) / RowBlock;
            Parallel.For(0, blocks, new ParallelOptions { MaxDegreeOfParallelism = threads }, block =>
            {
                int from = block * RowBlock;
                Run(
                    Math.Min(RowBlock, rows - from),
                    columns,
                    inner,
                    (double*)left + (nint)from * inner,
                    inner,
                    1,
                    (double*)right,
                    (double*)result + (nint)from * columns,
                    columns);
            });
        }
    }

    /// <summary>C = A·B with A at a by strides (rs, cs) and B in panels; C row-major with row stride ldc.</summary>
    internal static void Run(
        int rows, int columns, int depth, double* a, nint rs, nint cs, double* panels, double* c, nint ldc)
    {
        int padded = Panels.Padded(columns);
        bool pack = rows >= TileRows && columns > 3 * Panels.Width;
        for (int k0 = 0; k0 < depth; k0 += Panels.Slice)
        {
            int slice = Math.Min(Panels.Slice, depth - k0);
            for (int i0 = 0; i0 < rows; i0 += RowBlock)
            {
                int count = Math.Min(RowBlock, rows - i0);
                double* block = a + i0 * rs + k0 * cs;
                var left = new Left(count, slice, block, rs, cs, pack);
                double* panel = panels + (nint)k0 * padded;
                for (int j0 = 0; j0 < padded; j0 += Panels.Width)
                {
                    int width = Math.Min(Panels.Width, padded - j0);
                    int filled = Math.Min(width, columns - j0);
                    Panel(left, panel, width, width, filled, c + i0 * ldc + j0, ldc, k0 > 0);
                    panel += slice * width;
                }
            }
        }
    }

    /// <summary>One product of small row-major matrices without packing B where its rows can be read as they are.</summary>
    internal static void Small(
        int rows, int columns, int depth, double* a, nint rs, nint cs, double* b, nint bRow, nint bColumn, double* c)
    {
        if (bColumn != 1 || depth > Panels.Slice || columns > 128)
        {
            double* panels = Scratch.Right(depth * Panels.Padded(columns));
            Panels.Pack(depth, columns, b, bRow, bColumn, panels);
            Run(rows, columns, depth, a, rs, cs, panels, c, columns);
            return;
        }

        var left = new Left(rows, depth, a, rs, cs, pack: false);
        int whole = columns & ~7;
        for (int j0 = 0; j0 < whole; j0 += Panels.Width)
        {
            int width = Math.Min(Panels.Width, whole - j0);
            Panel(left, b + j0, bRow, width, width, c + j0, columns, add: false);
        }

        if (whole < columns)
        {
            double* edge = Scratch.Right(depth * 8);
            Panels.PackPanel(depth, columns - whole, 8, b + whole, bRow, 1, edge);
            Panel(left, edge, 8, 8, columns - whole, c + whole, columns, add: false);
        }
    }

    /// <summary>All rows of the left factor times one panel.</summary>
    [SkipLocalsInit]
    private static void Panel(
        in Left left, double* b, nint bs, int width, int filled, double* c, nint ldc, bool add)
    {
        double* edge = stackalloc double[TileRows * Panels.Width];
        for (int i = 0; i < left.Rows; i += TileRows)
        {
            int m = Math.Min(TileRows, left.Rows - i);
            double* a = left.Tile(i, out nint rs, out nint cs);
            double* target = c + i * ldc;
            int tile = m == 1 ? 1 : m <= 4 ? 4 : 8;
            if (m == tile && filled == width)
            {
                Tile(tile, width, left.Depth, a, rs, cs, b, bs, target, ldc, add);
                continue;
            }

            if (add)
            {
                Copy(m, filled, target, ldc, edge, Panels.Width);
            }

            Tile(tile, width, left.Depth, a, rs, cs, b, bs, edge, Panels.Width, add);
            Copy(m, filled, edge, Panels.Width, target, ldc);
        }
    }

    private static void Tile(
        int rows, int width, int depth, double* a, nint rs, nint cs, double* b, nint bs, double* c, nint ldc, bool add)
    {
        if (!Vector512.IsHardwareAccelerated)
        {
            Tile256.Run(rows, width, depth, a, rs, cs, b, bs, c, ldc, add);
            return;
        }

        switch (rows, width)
        {
            case (8, 24): Tile512.Run<Eight, Three>(depth, a, rs, cs, b, bs, c, ldc, add); break;
            case (8, 16): Tile512.Run<Eight, Two>(depth, a, rs, cs, b, bs, c, ldc, add); break;
            case (8, _): Tile512.Run<Eight, One>(depth, a, rs, cs, b, bs, c, ldc, add); break;
            case (4, 24): Tile512.Run<Four, Three>(depth, a, rs, cs, b, bs, c, ldc, add); break;
            case (4, 16): Tile512.Run<Four, Two>(depth, a, rs, cs, b, bs, c, ldc, add); break;
            case (4, _): Tile512.Run<Four, One>(depth, a, rs, cs, b, bs, c, ldc, add); break;
            case (_, 24): Tile512.Run<One, Three>(depth, a, rs, cs, b, bs, c, ldc, add); break;
            case (_, 16): Tile512.Run<One, Two>(depth, a, rs, cs, b, bs, c, ldc, add); break;
            default: Tile512.Run<One, One>(depth, a, rs, cs, b, bs, c, ldc, add); break;
        }
    }

    private static void Copy(int rows, int columns, double* from, nint fromStride, double* to, nint toStride)
    {
        for (int i = 0; i < rows; i++)
        {
            new ReadOnlySpan<double>(from + i * fromStride, columns).CopyTo(new Span<double>(to + i * toStride, columns));
        }
    }

    private static void Fits(int length, int rows, int columns, string name)
    {
        if (length != (long)rows * columns)
        {
            throw new ArgumentException($"{length} values do not fill a {rows}×{columns} matrix.", name);
        }
    }

    /// <summary>Rows of the left factor, packed tile by tile or read where they are; the incomplete last tile is always packed.</summary>
    private readonly ref struct Left
    {
        private readonly double* source;
        private readonly double* packed;
        private readonly nint rowStride;
        private readonly nint columnStride;
        private readonly int firstPacked;

        public Left(int rows, int depth, double* source, nint rowStride, nint columnStride, bool pack)
        {
            Rows = rows;
            Depth = depth;
            this.source = source;
            this.rowStride = rowStride;
            this.columnStride = columnStride;
            int last = rows % TileRows;
            bool asItIs = last is 0 or 1 or 4;
            firstPacked = pack ? 0 : asItIs ? rows : rows - last;
            packed = firstPacked < rows ? Scratch.Left((rows - firstPacked + TileRows) * depth) : null;
            for (int i = firstPacked; i < rows; i += TileRows)
            {
                int filled = Math.Min(TileRows, rows - i);
                double* tile = packed + (i - firstPacked) * (nint)depth;
                Panels.PackPanel(depth, filled, TileRows, source + i * rowStride, columnStride, rowStride, tile);
            }
        }

        public int Rows { get; }

        public int Depth { get; }

        public double* Tile(int row, out nint rs, out nint cs)
        {
            if (row >= firstPacked)
            {
                (rs, cs) = (1, TileRows);
                return packed + (row - firstPacked) * (nint)Depth;
            }

            (rs, cs) = (rowStride, columnStride);
            return source + row * rowStride;
        }
    }
}
