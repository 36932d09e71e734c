namespace Theory.Numerics;

/// <content>Selection, slices, concatenations, indexed workers and coordinates.</content>
public sealed partial class CpuEngine
{
    /// <inheritdoc/>
    public Block Select(Mask mask, Block x, Block y)
    {
        Shape shape = Operands.Select(mask, x, y);
        var (vx, vy) = (new View(x), new View(y));
        return Rows(shape, (w, l, row) => CopyStretched((mask[w, l] ? vx : vy).At(w, l), row));
    }

    /// <inheritdoc/>
    public Block SumWorkers(Block x)
    {
        Shape shape = x.Shape.WithWorkers(1);
        ReadOnlySpan<double> from = new View(x).Values;
        double[] result = New(shape);
        for (int start = 0; start < result.Length; start += 1024)
        {
            Span<double> part = result.AsSpan(start, Math.Min(1024, result.Length - start));
            from.Slice(start, part.Length).CopyTo(part);
            for (int w = 1; w < x.Workers; w++)
            {
                Fused.Axpy(part, 1.0, from.Slice(w * result.Length + start, part.Length), first: false);
            }
        }

        return new Block(this, shape, result);
    }

    /// <inheritdoc/>
    public Block SortWorkers(Block x)
    {
        double[] result = new View(x).Values.AsSpan(0, x.Shape.Length).ToArray();
        Selection.SortWorkers(result, x.Workers, x.Lanes * x.Dimension);
        return new Block(this, x.Shape, result);
    }

    /// <inheritdoc/>
    public Block SliceWorkers(Block x, int from, int count)
    {
        Operands.Range(from, count, x.Workers, "workers");
        int run = x.Lanes * x.Dimension;
        double[] result = new View(x).Values.AsSpan(from * run, count * run).ToArray();
        return new Block(this, x.Shape.WithWorkers(count), result);
    }

    /// <inheritdoc/>
    public Block SliceLanes(Block x, int from, int count)
    {
        Operands.Range(from, count, x.Lanes, "lanes");
        Shape shape = x.Shape.WithLanes(count);
        ReadOnlySpan<double> source = new View(x).Values;
        double[] result = New(shape);
        int run = count * x.Dimension;
        for (int w = 0; w < x.Workers; w++)
        {
            source.Slice((w * x.Lanes + from) * x.Dimension, run).CopyTo(result.AsSpan(w * run));
        }

        return new Block(this, shape, result);
    }

    /// <inheritdoc/>
    public Block SliceDimension(Block x, int from, int count)
    {
        Operands.Range(from, count, x.Dimension, "coordinates");
        var view = new View(x);
        return Rows(Shape.Vector(x.Workers, x.Lanes, count), (w, l, row) => view.At(w, l).Slice(from, count).CopyTo(row));
    }

    /// <inheritdoc/>
    public Block ConcatWorkers(ReadOnlySpan<Block> blocks)
    {
        Shape shape = Operands.ConcatWorkers(blocks);
        double[] result = New(shape);
        int first = 0;
        foreach (Block block in blocks)
        {
            CopyInto(result, shape, block.Shape.Workers, shape.Lanes, new View(block), first, 0);
            first += block.Workers;
        }

        return new Block(this, shape, result);
    }

    /// <inheritdoc/>
    public Block ConcatLanes(ReadOnlySpan<Block> blocks)
    {
        Shape shape = Operands.ConcatLanes(blocks);
        double[] result = New(shape);
        int first = 0;
        foreach (Block block in blocks)
        {
            CopyInto(result, shape, shape.Workers, block.Lanes, new View(block), 0, first);
            first += block.Lanes;
        }

        return new Block(this, shape, result);
    }

    /// <inheritdoc/>
    public Block ConcatDimension(ReadOnlySpan<Block> blocks)
    {
        Shape shape = Operands.ConcatDimension(blocks);
        View[] views = Array.ConvertAll(blocks.ToArray(), block => new View(block));
        return Rows(shape, (w, l, row) =>
        {
            foreach (ref readonly View view in views.AsSpan())
            {
                view.At(w, l).CopyTo(row);
                row = row[view.Shape.Dimension..];
            }
        });
    }

    /// <inheritdoc/>
    public Block PickWorkers(Block x, Indices indices)
    {
        Shape shape = Operands.PickWorkers(x, indices);
        var view = new View(x);
        return Rows(shape, (w, l, row) => view.At(indices.At(0, l)[w], l).CopyTo(row));
    }

    /// <inheritdoc/>
    public Block PutWorkers(Block x, Indices indices, Block values)
    {
        Shape shape = Operands.PutWorkers(x, indices, values);
        var (vx, vv) = (new View(x), new View(values));
        return Rows(shape, (w, l, row) =>
        {
            int place = indices.At(0, l).LastIndexOf(w);
            CopyStretched(place >= 0 ? vv.At(place, l) : vx.At(w, l), row);
        });
    }

    /// <inheritdoc/>
    public Block Keep(Block x, Indices coordinates)
    {
        Shape shape = Operands.Keep(x, coordinates);
        var view = new View(x);
        return Rows(shape, (w, l, row) =>
        {
            row.Clear();
            ReadOnlySpan<double> from = view.At(w, l);
            foreach (int i in coordinates.At(w, l))
            {
                row[i] = from[i];
            }
        });
    }

    /// <inheritdoc/>
    public Block TopK(Block x, int k)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(k);
        var view = new View(x);
        return Rows(x.Shape, (w, l, row) =>
        {
            row.Clear();
            Selection.TopK(view.At(w, l), k, row);
        });
    }

    /// <summary>A result filled one worker and lane at a time.</summary>
    private Block Rows(Shape shape, RowAction fill)
    {
        double[] result = New(shape);
        for (int w = 0, at = 0; w < shape.Workers; w++)
        {
            for (int l = 0; l < shape.Lanes; l++, at += shape.Dimension)
            {
                fill(w, l, result.AsSpan(at, shape.Dimension));
            }
        }

        return new Block(this, shape, result);
    }

    private static void CopyInto(
        double[] result, Shape shape, int workers, int lanes, in View view, int firstWorker, int firstLane)
    {
        for (int w = 0; w < workers; w++)
        {
            int at = ((firstWorker + w) * shape.Lanes + firstLane) * shape.Dimension;
            for (int l = 0; l < lanes; l++, at += shape.Dimension)
            {
                CopyStretched(view.At(w, l), result.AsSpan(at, shape.Dimension));
            }
        }
    }

    private static void CopyStretched(ReadOnlySpan<double> from, Span<double> to)
    {
        if (from.Length == to.Length)
        {
            from.CopyTo(to);
        }
        else
        {
            to.Fill(from[0]);
        }
    }

    private delegate void RowAction(int worker, int lane, Span<double> row);
}
