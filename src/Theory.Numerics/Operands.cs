namespace Theory.Numerics;

/// <summary>The shapes of results, and the exceptions for operands that do not fit; shared by the engines.</summary>
internal static class Operands
{
    public static Shape Combine(Shape shape, ReadOnlySpan<double> coefficients, ReadOnlySpan<Block> terms)
    {
        if (terms.Length == 0 || coefficients.Length != terms.Length)
        {
            throw new ArgumentException($"{coefficients.Length} coefficients do not fit {terms.Length} terms; at least one of each is needed.");
        }

        foreach (Block term in terms)
        {
            Shape joint = Shape.Broadcast(shape, term.Shape);
            if (joint.Length != shape.Length)
            {
                throw new ArgumentException($"A term of shape {term.Shape} does not stretch to {shape}.");
            }
        }

        return shape;
    }

    public static Shape Select(Mask mask, Block x, Block y) =>
        Stretch(Shape.Broadcast(x.Shape, y.Shape), mask.Workers, mask.Lanes, "mask");

    public static Shape Keep(Block x, Indices coordinates)
    {
        Below(coordinates.Bound, x.Dimension, "coordinates");
        return Stretch(x.Shape, coordinates.Workers, coordinates.Lanes, "indices");
    }

    public static Shape PickWorkers(Block x, Indices indices)
    {
        OnePerLane(indices);
        Below(indices.Bound, x.Workers, "workers");
        return Stretch(x.Shape, 1, indices.Lanes, "indices") with { Workers = AtLeastOne(indices.Count) };
    }

    public static Shape PutWorkers(Block x, Indices indices, Block values)
    {
        OnePerLane(indices);
        Below(indices.Bound, x.Workers, "workers");
        if (values.Workers != 1 && values.Workers != indices.Count)
        {
            throw new ArgumentException($"{indices.Count} workers are to be replaced, but values have {values.Workers}.");
        }

        Shape shape = Stretch(x.Shape, 1, indices.Lanes, "indices");
        return Shape.Broadcast(shape, values.Shape.WithWorkers(1));
    }

    public static void Range(int from, int count, int extent, string what)
    {
        if (from < 0 || count < 1 || from > extent - count)
        {
            throw new ArgumentOutOfRangeException(what, $"{what} [{from}, {from}+{count}) do not lie in [0, {extent}).");
        }
    }

    public static Shape ConcatWorkers(ReadOnlySpan<Block> blocks)
    {
        Shape joint = First(blocks).WithWorkers(1);
        int workers = 0;
        foreach (Block block in blocks)
        {
            joint = Shape.Broadcast(joint, block.Shape.WithWorkers(1));
            workers += block.Workers;
        }

        return joint.WithWorkers(workers);
    }

    public static Shape ConcatLanes(ReadOnlySpan<Block> blocks)
    {
        Shape joint = First(blocks).WithLanes(1);
        int lanes = 0;
        foreach (Block block in blocks)
        {
            joint = Shape.Broadcast(joint, block.Shape.WithLanes(1));
            lanes += block.Lanes;
        }

        return joint.WithLanes(lanes);
    }

    public static Shape ConcatDimension(ReadOnlySpan<Block> blocks)
    {
        Shape joint = First(blocks).Scalar;
        int dimension = 0;
        foreach (Block block in blocks)
        {
            joint = Shape.Broadcast(joint, block.Shape.Scalar);
            dimension += block.Dimension;
        }

        return Shape.Vector(joint.Workers, joint.Lanes, dimension);
    }

    public static Shape Apply(IReadOnlyList<Matrix> matrices, bool transposed, Block x)
    {
        Same(matrices, m => (m.Rows, m.Columns));
        return Apply(matrices.Count, matrices[0].Rows, matrices[0].Columns, transposed, x);
    }

    public static Shape Apply(IReadOnlyList<SparseMatrix> matrices, bool transposed, Block x)
    {
        Same(matrices, m => (m.Rows, m.Columns));
        return Apply(matrices.Count, matrices[0].Rows, matrices[0].Columns, transposed, x);
    }

    public static Shape ApplyAt(IReadOnlyList<Matrix> matrices, Indices index, Block x)
    {
        Same(matrices, m => (m.Rows, m.Columns));
        if (index.Count != 1)
        {
            throw new ArgumentException($"One index per worker and lane is needed, not {index.Count}.", nameof(index));
        }

        Below(index.Bound, matrices.Count, "matrices");
        Columns(matrices[0].Columns, x);
        Shape shape = Stretch(x.Shape, index.Workers, index.Lanes, "indices");
        return Shape.Vector(shape.Workers, shape.Lanes, matrices[0].Rows);
    }

    public static Shape RowDots(int dataRows, int dataColumns, Indices rows, Block x)
    {
        Below(rows.Bound, dataRows, "rows");
        Columns(dataColumns, x);
        Shape shape = Stretch(x.Shape, rows.Workers, rows.Lanes, "indices");
        return Shape.Vector(shape.Workers, shape.Lanes, AtLeastOne(rows.Count));
    }

    public static Shape RowCombination(int dataRows, int dataColumns, Indices rows, Block coefficients)
    {
        Below(rows.Bound, dataRows, "rows");
        if (coefficients.Dimension != 1 && coefficients.Dimension != rows.Count)
        {
            throw new ArgumentException($"{coefficients.Dimension} coefficients per lane do not fit {rows.Count} rows.");
        }

        Shape shape = Stretch(coefficients.Shape, rows.Workers, rows.Lanes, "indices");
        return Shape.Vector(shape.Workers, shape.Lanes, dataColumns);
    }

    public static Shape MatrixProduct(Block x, bool transposeX, Block y, bool transposeY)
    {
        (int rows, int inner) = transposeX ? (x.Shape.Columns, x.Shape.Rows) : (x.Shape.Rows, x.Shape.Columns);
        (int innerY, int columns) = transposeY ? (y.Shape.Columns, y.Shape.Rows) : (y.Shape.Rows, y.Shape.Columns);
        if (inner != innerY)
        {
            throw new ArgumentException(
                $"Inner extents differ: {rows}×{inner} times {innerY}×{columns} (after transposition; shapes {x.Shape} and {y.Shape}).");
        }

        Shape lanes = Shape.Broadcast(x.Shape.Scalar, y.Shape.Scalar);
        return lanes with { Rows = rows, Columns = columns };
    }

    private static Shape Apply(int count, int rows, int columns, bool transposed, Block x)
    {
        Columns(transposed ? rows : columns, x);
        Shape shape = Stretch(x.Shape, count, 1, "matrices");
        return Shape.Vector(shape.Workers, shape.Lanes, transposed ? columns : rows);
    }

    private static void Same<T>(IReadOnlyList<T> matrices, Func<T, (int Rows, int Columns)> extent)
    {
        if (matrices.Count == 0)
        {
            throw new ArgumentException("At least one matrix is needed.", nameof(matrices));
        }

        (int Rows, int Columns) first = extent(matrices[0]);
        for (int i = 1; i < matrices.Count; i++)
        {
            (int Rows, int Columns) other = extent(matrices[i]);
            if (other != first)
            {
                throw new ArgumentException(
                    $"Matrix {i} is {other.Rows}×{other.Columns}, the first is {first.Rows}×{first.Columns}.", nameof(matrices));
            }
        }
    }

    private static Shape Stretch(Shape shape, int workers, int lanes, string what)
    {
        bool fits = (workers == 1 || shape.Workers == 1 || workers == shape.Workers)
            && (lanes == 1 || shape.Lanes == 1 || lanes == shape.Lanes);
        if (!fits)
        {
            throw new ArgumentException($"The {what} of {workers} workers × {lanes} lanes do not fit a block of shape {shape}.");
        }

        return shape with { Workers = Math.Max(workers, shape.Workers), Lanes = Math.Max(lanes, shape.Lanes) };
    }

    private static Shape First(ReadOnlySpan<Block> blocks) =>
        blocks.Length > 0 ? blocks[0].Shape : throw new ArgumentException("At least one block is needed.", nameof(blocks));

    private static void Columns(int needed, Block x)
    {
        if (x.Dimension != needed)
        {
            throw new ArgumentException($"A vector of dimension {needed} is needed, not a block of shape {x.Shape}.");
        }
    }

    private static void Below(int bound, int extent, string what)
    {
        if (bound > extent)
        {
            throw new ArgumentException($"Indices below {bound} do not all name one of {extent} {what}.");
        }
    }

    private static void OnePerLane(Indices indices)
    {
        if (indices.Workers != 1)
        {
            throw new ArgumentException($"Indices of workers are given once per lane, not by {indices.Workers} workers.", nameof(indices));
        }
    }

    private static int AtLeastOne(int count) =>
        count >= 1 ? count : throw new ArgumentException("At least one index is needed.");
}
