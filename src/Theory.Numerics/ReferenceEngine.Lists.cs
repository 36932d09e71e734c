namespace Theory.Numerics;

/// <content>Slices, concatenations, indexed workers and coordinates.</content>
public sealed partial class ReferenceEngine
{
    /// <inheritdoc/>
    public Block SliceWorkers(Block x, int from, int count)
    {
        Operands.Range(from, count, x.Workers, "workers");
        var view = new View(x);
        return Build(x.Shape.WithWorkers(count), (w, l, i) => view[from + w, l, i]);
    }

    /// <inheritdoc/>
    public Block SliceLanes(Block x, int from, int count)
    {
        Operands.Range(from, count, x.Lanes, "lanes");
        var view = new View(x);
        return Build(x.Shape.WithLanes(count), (w, l, i) => view[w, from + l, i]);
    }

    /// <inheritdoc/>
    public Block SliceDimension(Block x, int from, int count)
    {
        Operands.Range(from, count, x.Dimension, "coordinates");
        var view = new View(x);
        return Build(Shape.Vector(x.Workers, x.Lanes, count), (w, l, i) => view[w, l, from + i]);
    }

    /// <inheritdoc/>
    public Block ConcatWorkers(ReadOnlySpan<Block> blocks)
    {
        Shape shape = Operands.ConcatWorkers(blocks);
        (View View, int At)[] owners = [.. Owners(blocks, b => b.Workers)];
        return Build(shape, (w, l, i) => owners[w].View[owners[w].At, l, i]);
    }

    /// <inheritdoc/>
    public Block ConcatLanes(ReadOnlySpan<Block> blocks)
    {
        Shape shape = Operands.ConcatLanes(blocks);
        (View View, int At)[] owners = [.. Owners(blocks, b => b.Lanes)];
        return Build(shape, (w, l, i) => owners[l].View[w, owners[l].At, i]);
    }

    /// <inheritdoc/>
    public Block ConcatDimension(ReadOnlySpan<Block> blocks)
    {
        Shape shape = Operands.ConcatDimension(blocks);
        (View View, int At)[] owners = [.. Owners(blocks, b => b.Dimension)];
        return Build(shape, (w, l, i) => owners[i].View[w, l, owners[i].At]);
    }

    /// <inheritdoc/>
    public Block PickWorkers(Block x, Indices indices)
    {
        var view = new View(x);
        return Build(Operands.PickWorkers(x, indices), (w, l, i) => view[indices.At(0, l)[w], l, i]);
    }

    /// <inheritdoc/>
    public Block PutWorkers(Block x, Indices indices, Block values)
    {
        var (vx, vv) = (new View(x), new View(values));
        return Build(Operands.PutWorkers(x, indices, values), (w, l, i) =>
        {
            int place = indices.At(0, l).LastIndexOf(w);
            return place >= 0 ? vv[place, l, i] : vx[w, l, i];
        });
    }

    /// <inheritdoc/>
    public Block Keep(Block x, Indices coordinates)
    {
        var view = new View(x);
        return Build(Operands.Keep(x, coordinates), (w, l, i) => coordinates.At(w, l).Contains(i) ? view[w, l, i] : 0.0);
    }

    /// <inheritdoc/>
    public Block TopK(Block x, int k)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(k);
        var view = new View(x);
        var result = new double[x.Shape.Length];
        for (int w = 0; w < x.Workers; w++)
        {
            for (int l = 0; l < x.Lanes; l++)
            {
                double[] v = view.At(w, l).ToArray();
                double Magnitude(int i) => double.IsNaN(v[i]) ? double.PositiveInfinity : Math.Abs(v[i]);
                IEnumerable<int> kept = Enumerable.Range(0, v.Length)
                    .OrderByDescending(i => double.IsNaN(v[i])).ThenByDescending(Magnitude).ThenBy(i => i).Take(k);
                foreach (int i in kept)
                {
                    result[(w * x.Lanes + l) * x.Dimension + i] = v[i];
                }
            }
        }

        return new Block(this, x.Shape, result);
    }

    private static List<(View View, int At)> Owners(ReadOnlySpan<Block> blocks, Func<Block, int> extent)
    {
        var owners = new List<(View, int)>();
        foreach (Block block in blocks)
        {
            var view = new View(block);
            owners.AddRange(Enumerable.Range(0, extent(block)).Select(at => (view, at)));
        }

        return owners;
    }
}
