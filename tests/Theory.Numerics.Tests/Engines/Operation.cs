namespace Theory.Numerics.Tests.Engines;

/// <summary>One operation of an engine with a generator of operands of every form that it takes.</summary>
/// <param name="Name">Names the operation in the test's report.</param>
/// <param name="Make">Random operands.</param>
/// <param name="Run">The operation.</param>
/// <param name="Exact">True where engines must agree bit for bit; else they may differ by the rounding of a sum.</param>
internal sealed record Operation(
    string Name, Func<Random, Given> Make, Func<IEngine, Given, Block> Run, bool Exact = true)
{
    /// <summary>Every operation whose lanes are those of its operands.</summary>
    public static IReadOnlyList<Operation> All { get; } =
        [.. Elementwise(), .. OverWorkers(), .. Reductions(), .. Lists(), .. Products(), .. SparseProducts()];

    public override string ToString() => Name;

    private static Shape AnyShape(Random r) => r.Next(4) == 0
        ? Shape.Matrix(r.Next(1, 4), r.Next(1, 6), r.Next(1, 6), r.Next(1, 20))
        : Shape.Vector(r.Next(1, 5), r.Next(1, 12), Values.Size(r));

    private static Given One(Random r) => new([Values.Random(r, AnyShape(r))]);

    private static Given Pair(Random r)
    {
        Shape shape = AnyShape(r);
        return new([Values.Stretching(r, shape), Values.Stretching(r, shape)]);
    }

    private static IEnumerable<Operation> Elementwise()
    {
        foreach (Unary f in Enum.GetValues<Unary>())
        {
            yield return new($"Map {f}", One, (e, g) => e.Map(f, f == Unary.Clamp ? -0.5 : 0.75, 1.25, g.Blocks[0]));
        }

        foreach (Binary f in Enum.GetValues<Binary>())
        {
            yield return new($"Zip {f}", Pair, (e, g) => e.Zip(f, g.Blocks[0], g.Blocks[1]));
        }

        yield return new("Map of a function", One, (e, g) => e.Map(x => x * x - 1.0, g.Blocks[0]));
        yield return new("Zip of a function", Pair, (e, g) => e.Zip((x, y) => x - 2.0 * y, g.Blocks[0], g.Blocks[1]));
        for (int n = 1; n <= 9; n++)
        {
            int terms = n;
            yield return new($"Combine {n}", r => Terms(r, terms), Combine);
        }

        yield return new(
            "Select",
            r =>
            {
                Given g = Pair(r);
                Shape s = Shape.Broadcast(g.Blocks[0].Shape, g.Blocks[1].Shape);
                (int w, int l) = (r.Next(2) == 0 ? 1 : s.Workers, r.Next(4) == 0 ? 1 : s.Lanes);
                return g with { Mask = new Mask(w, l, [.. Enumerable.Range(0, w * l).Select(_ => r.Next(2) == 0)]) };
            },
            (e, g) => e.Select(g.Mask!, g.Blocks[0], g.Blocks[1]));
    }

    private static Given Terms(Random r, int count)
    {
        Shape shape = AnyShape(r);
        return new([Values.Random(r, shape), .. Enumerable.Range(1, count - 1).Select(_ => Values.Stretching(r, shape))]);
    }

    private static Block Combine(IEngine engine, Given given)
    {
        double[] c = [.. Enumerable.Range(0, given.Blocks.Length).Select(j => 0.3 * j - 1.0)];
        Shape shape = given.Blocks.Select(b => b.Shape).Aggregate(Shape.Broadcast);
        return engine.Combine(shape, c, given.Blocks);
    }

    private static IEnumerable<Operation> OverWorkers()
    {
        yield return new("SumWorkers", One, (e, g) => e.SumWorkers(g.Blocks[0]));
        yield return new(
            "SortWorkers",
            r => new([Block.FromValues(
                Shape.Vector(6, 3, 19), [.. Enumerable.Range(0, 6 * 3 * 19).Select(_ => r.Next(9) == 0 ? double.NaN : Values.Value(r))])]),
            (e, g) => e.SortWorkers(g.Blocks[0]));
        yield return new("SliceWorkers", One, (e, g) => e.SliceWorkers(g.Blocks[0], g.Blocks[0].Workers - 1, 1));
        yield return new(
            "ConcatWorkers",
            r =>
            {
                Shape s = AnyShape(r);
                return new([Values.Random(r, s), Values.Stretching(r, s), Values.Stretching(r, s)]);
            },
            (e, g) => e.ConcatWorkers(g.Blocks));
        yield return new(
            "PickWorkers",
            r =>
            {
                Block x = Values.Stretching(r, AnyShape(r));
                return new([x], Values.Indices(r, 1, x.Lanes == 1 ? 4 : x.Lanes, r.Next(1, 6), x.Workers));
            },
            (e, g) => e.PickWorkers(g.Blocks[0], g.Indices!));
        yield return new("PutWorkers", Put, (e, g) => e.PutWorkers(g.Blocks[0], g.Indices!, g.Blocks[1]));
    }

    private static Given Put(Random r)
    {
        Shape s = AnyShape(r).WithWorkers(5);
        Indices indices = Values.Indices(r, 1, s.Lanes, 3, 5);
        return new([Values.Random(r, r.Next(2) == 0 ? s : s.WithLanes(1)), Values.Stretching(r, s.WithWorkers(3))], indices);
    }

    private static IEnumerable<Operation> Reductions()
    {
        foreach (Reduction reduction in Enum.GetValues<Reduction>())
        {
            bool exact = reduction is Reduction.MaxAbs or Reduction.CountNonZero;
            yield return new($"Reduce {reduction}", One, (e, g) => e.Reduce(reduction, g.Blocks[0]), exact);
        }

        yield return new("Dot", Pair, (e, g) => e.Dot(g.Blocks[0], g.Blocks[1]), Exact: false);
    }

    private static IEnumerable<Operation> Lists()
    {
        yield return new(
            "SliceDimension",
            One,
            (e, g) => e.SliceDimension(g.Blocks[0], g.Blocks[0].Dimension / 3, (g.Blocks[0].Dimension + 1) / 2));
        yield return new(
            "ConcatDimension",
            r =>
            {
                Shape s = AnyShape(r);
                return new([Values.Stretching(r, s), Values.Stretching(r, s)]);
            },
            (e, g) => e.ConcatDimension(g.Blocks));
        yield return new(
            "Keep",
            r =>
            {
                Given g = One(r);
                Shape s = g.Blocks[0].Shape;
                return g with { Indices = Values.Indices(r, s.Workers, s.Lanes, 3, s.Dimension) };
            },
            (e, g) => e.Keep(g.Blocks[0], g.Indices!));
        foreach (int k in new[] { 0, 1, 3, 10, 1000 })
        {
            yield return new($"TopK {k}", One, (e, g) => e.TopK(g.Blocks[0], k));
        }

        yield return new("Transpose", One, (e, g) => e.Transpose(g.Blocks[0]));
    }

    private static IEnumerable<Operation> Products()
    {
        foreach (bool transposed in new[] { false, true })
        {
            yield return new($"Apply {transposed}", r => Dense(r, transposed), (e, g) => e.Apply(g.Matrices!, transposed, g.Blocks[0]), false);
            yield return new(
                $"Apply one {transposed}",
                r =>
                {
                    Given g = Dense(r, transposed);
                    return g with { Matrices = [g.Matrices![0]] };
                },
                (e, g) => e.Apply(g.Matrices!, transposed, g.Blocks[0]),
                false);
            foreach (bool second in new[] { false, true })
            {
                yield return new(
                    $"MatrixProduct {transposed} {second}",
                    r => MatrixPair(r, transposed, second),
                    (e, g) => e.MatrixProduct(g.Blocks[0], transposed, g.Blocks[1], second),
                    false);
            }
        }

        yield return new(
            "ApplyAt",
            r =>
            {
                Given g = Dense(r, false);
                return g with { Indices = Values.Indices(r, g.Blocks[0].Workers, g.Blocks[0].Lanes, 1, g.Matrices!.Length) };
            },
            (e, g) => e.ApplyAt(g.Matrices!, g.Indices!, g.Blocks[0]),
            false);
        yield return new("RowDots", r => RowsOf(r, dots: true), (e, g) => e.RowDots(g.Matrices![0], g.Indices!, g.Blocks[0]), false);
        yield return new(
            "RowCombination", r => RowsOf(r, dots: false), (e, g) => e.RowCombination(g.Matrices![0], g.Indices!, g.Blocks[0]), false);
    }

    private static IEnumerable<Operation> SparseProducts()
    {
        foreach (bool transposed in new[] { false, true })
        {
            yield return new(
                $"Apply sparse {transposed}", r => Dense(r, transposed), (e, g) => e.Apply(g.Sparse!, transposed, g.Blocks[0]), false);
        }

        yield return new("RowDots sparse", r => RowsOf(r, dots: true), (e, g) => e.RowDots(g.Sparse![0], g.Indices!, g.Blocks[0]), false);
        yield return new(
            "RowCombination sparse",
            r => RowsOf(r, dots: false),
            (e, g) => e.RowCombination(g.Sparse![0], g.Indices!, g.Blocks[0]),
            false);
    }

    private static Given Dense(Random r, bool transposed)
    {
        (int workers, int rows, int columns) = (r.Next(1, 4), Values.Size(r), Values.Size(r));
        Block x = Values.Stretching(r, Shape.Vector(workers, r.Next(1, 20), transposed ? rows : columns), dimension: false);
        Matrix[] dense = [.. Enumerable.Range(0, workers).Select(_ => Values.Matrix(r, rows, columns))];
        SparseMatrix[] sparse = [.. Enumerable.Range(0, workers).Select(_ => Values.Sparse(r, rows, columns))];
        return new([x], Matrices: dense, Sparse: sparse);
    }

    private static Given RowsOf(Random r, bool dots)
    {
        (int rows, int columns, int count) = (Values.Size(r), Values.Size(r), r.Next(1, 5));
        Shape shape = Shape.Vector(r.Next(1, 4), r.Next(1, 8), dots ? columns : count);
        return new(
            [Values.Stretching(r, shape, dimension: !dots)],
            Values.Indices(r, shape.Workers, shape.Lanes, count, rows),
            Matrices: [Values.Matrix(r, rows, columns)],
            Sparse: [Values.Sparse(r, rows, columns)]);
    }

    private static Given MatrixPair(Random r, bool transposeX, bool transposeY)
    {
        (int workers, int lanes) = (r.Next(1, 3), r.Next(1, 5));
        (int m, int n, int k) = r.Next(6) == 0 ? (9, 130, 270) : (r.Next(1, 40), r.Next(1, 40), r.Next(1, 40));
        Shape x = Shape.Matrix(workers, lanes, transposeX ? k : m, transposeX ? m : k);
        Shape y = Shape.Matrix(workers, lanes, transposeY ? n : k, transposeY ? k : n);
        return new([Values.Stretching(r, x, dimension: false), Values.Stretching(r, y, dimension: false)]);
    }
}
