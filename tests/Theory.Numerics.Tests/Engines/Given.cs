namespace Theory.Numerics.Tests.Engines;

/// <summary>Everything that one operation is given; lanes can be cut out of it, and magnitudes taken.</summary>
internal sealed record Given(
    Block[] Blocks, Indices? Indices = null, Mask? Mask = null, Matrix[]? Matrices = null, SparseMatrix[]? Sparse = null)
{
    public int Lanes => Math.Max(
        Blocks.Max(b => b.Lanes), Math.Max(Indices?.Lanes ?? 1, Mask?.Lanes ?? 1));

    /// <summary>The same operands moved to an engine.</summary>
    public Given On(IEngine engine) => this with { Blocks = [.. Blocks.Select(b => b.On(engine))] };

    /// <summary>What one lane alone is given.</summary>
    public Given Lane(int lane) => this with
    {
        Blocks = [.. Blocks.Select(b => Values.Lane(b, lane))],
        Indices = Indices is null ? null : new Indices(
            Indices.Workers,
            1,
            Indices.Count,
            Indices.Bound,
            [.. Enumerable.Range(0, Indices.Workers).SelectMany(w => Indices.At(w, lane).ToArray())]),
        Mask = Mask is null ? null : new Mask(
            Mask.Workers, 1, [.. Enumerable.Range(0, Mask.Workers).Select(w => Mask[w, lane])]),
    };

    /// <summary>Absolute values everywhere: an operation that sums products then gives the scale of its rounding error.</summary>
    public Given Magnitudes() => this with
    {
        Blocks = [.. Blocks.Select(b => Block.FromValues(b.Shape, [.. b.ToArray().Select(Math.Abs)]))],
        Matrices = Matrices?.Select(m => Matrix.Create(m.Rows, m.Columns, (i, j) => Math.Abs(m[i, j]))).ToArray(),
        Sparse = Sparse?.Select(m => new SparseMatrix(
            m.Columns, m.Starts.ToArray(), m.ColumnIndices.ToArray(), [.. m.Values.ToArray().Select(Math.Abs)])).ToArray(),
    };
}

/// <summary>Random and cut blocks, made with nothing of what is under test but the constructors.</summary>
internal static class Values
{
    private static readonly int[] Sizes = [1, 2, 3, 5, 7, 8, 9, 15, 16, 17, 23, 24, 25, 31, 32, 33, 40, 64, 65, 100, 257];

    public static int Size(Random random) => Sizes[random.Next(Sizes.Length)];

    /// <summary>Values of mixed size and sign, with some ties and zeros.</summary>
    public static double Value(Random random) => random.Next(8) switch
    {
        0 => 0.0,
        1 => random.Next(-2, 3),
        2 => (random.NextDouble() - 0.5) * 1e3,
        _ => (random.NextDouble() - 0.5) * 4.0,
    };

    public static Block Random(Random random, Shape shape) =>
        Block.FromValues(shape, [.. Enumerable.Range(0, shape.Length).Select(_ => Value(random))]);

    /// <summary>A block whose extents are those of the shape or, at times, 1.</summary>
    public static Block Stretching(Random random, Shape shape, bool dimension = true)
    {
        Shape s = shape;
        s = random.Next(3) == 0 ? s.WithWorkers(1) : s;
        s = random.Next(3) == 0 ? s.WithLanes(1) : s;
        s = dimension && random.Next(4) == 0 ? s.Scalar : s;
        return Random(random, s);
    }

    public static Matrix Matrix(Random random, int rows, int columns) =>
        Numerics.Matrix.Create(rows, columns, (_, _) => Value(random));

    public static SparseMatrix Sparse(Random random, int rows, int columns)
    {
        var starts = new List<int> { 0 };
        var at = new List<int>();
        for (int r = 0; r < rows; r++)
        {
            at.AddRange(Enumerable.Range(0, columns).Where(_ => random.Next(4) == 0));
            starts.Add(at.Count);
        }

        return new SparseMatrix(columns, [.. starts], [.. at], [.. at.Select(_ => Value(random))]);
    }

    public static Indices Indices(Random random, int workers, int lanes, int count, int bound)
    {
        int w = random.Next(3) == 0 ? 1 : workers;
        int l = random.Next(3) == 0 ? 1 : lanes;
        return new Indices(w, l, count, bound, [.. Enumerable.Range(0, w * l * count).Select(_ => random.Next(bound))]);
    }

    public static Block Lane(Block block, int lane)
    {
        if (block.Lanes == 1)
        {
            return block;
        }

        double[] all = block.ToArray();
        IEnumerable<double> cut = Enumerable.Range(0, block.Workers)
            .SelectMany(w => all.Skip((w * block.Lanes + lane) * block.Dimension).Take(block.Dimension));
        return Block.FromValues(block.Shape.WithLanes(1), [.. cut]);
    }

    /// <summary>Equal bits, all NaN alike.</summary>
    public static bool SameBits(double x, double y) =>
        BitConverter.DoubleToInt64Bits(x) == BitConverter.DoubleToInt64Bits(y) || (double.IsNaN(x) && double.IsNaN(y));

    public static void AssertSameBits(Block expected, Block actual)
    {
        Assert.Equal(expected.Shape, actual.Shape);
        double[] e = expected.ToArray();
        double[] a = actual.ToArray();
        for (int i = 0; i < e.Length; i++)
        {
            Assert.True(SameBits(e[i], a[i]), $"entry {i} of {expected.Shape}: {e[i]:R} expected, {a[i]:R} found");
        }
    }
}
