namespace Theory.Numerics;

/// <summary>
/// Plain loops over doubles: slow and obviously correct, the oracle that other engines are compared with. Sums run in
/// increasing order of the index.
/// </summary>
public sealed partial class ReferenceEngine : IEngine
{
    /// <inheritdoc/>
    public string Name => "reference";

    /// <inheritdoc/>
    public Block Upload(Shape shape, ReadOnlySpan<double> values) =>
        values.Length == shape.Length
            ? new Block(this, shape, values.ToArray())
            : throw new ArgumentException($"{values.Length} values do not fill a block of shape {shape}.", nameof(values));

    /// <inheritdoc/>
    public void Download(Block block, Span<double> destination) =>
        new View(block).Values.AsSpan(0, block.Shape.Length).CopyTo(destination);

    /// <inheritdoc/>
    public Block Combine(Shape shape, ReadOnlySpan<double> coefficients, ReadOnlySpan<Block> terms)
    {
        _ = Operands.Combine(shape, coefficients, terms);
        double[] c = coefficients.ToArray();
        View[] t = Array.ConvertAll(terms.ToArray(), term => new View(term));
        return Build(shape, (w, l, i) =>
        {
            double sum = c[0] * t[0][w, l, i];
            for (int j = 1; j < c.Length; j++)
            {
                sum = Math.FusedMultiplyAdd(c[j], t[j][w, l, i], sum);
            }

            return sum;
        });
    }

    /// <inheritdoc/>
    public Block Map(Unary function, double a, double b, Block x) =>
        Map(v => Scalar.Evaluate(function, a, b, v), x);

    /// <inheritdoc/>
    public Block Zip(Binary function, Block x, Block y) => Zip((v, w) => Scalar.Evaluate(function, v, w), x, y);

    /// <inheritdoc/>
    public Block Map(Func<double, double> function, Block x)
    {
        var view = new View(x);
        return Build(x.Shape, (w, l, i) => function(view[w, l, i]));
    }

    /// <inheritdoc/>
    public Block Zip(Func<double, double, double> function, Block x, Block y)
    {
        var (vx, vy) = (new View(x), new View(y));
        return Build(Shape.Broadcast(x.Shape, y.Shape), (w, l, i) => function(vx[w, l, i], vy[w, l, i]));
    }

    /// <inheritdoc/>
    public Block Select(Mask mask, Block x, Block y)
    {
        var (vx, vy) = (new View(x), new View(y));
        return Build(Operands.Select(mask, x, y), (w, l, i) => mask[w, l] ? vx[w, l, i] : vy[w, l, i]);
    }

    /// <inheritdoc/>
    public Block SumWorkers(Block x)
    {
        var view = new View(x);
        return Build(x.Shape.WithWorkers(1), (_, l, i) =>
        {
            double sum = view[0, l, i];
            for (int w = 1; w < x.Workers; w++)
            {
                sum += view[w, l, i];
            }

            return sum;
        });
    }

    /// <inheritdoc/>
    public Block SortWorkers(Block x)
    {
        var view = new View(x);
        var result = new double[x.Shape.Length];
        for (int l = 0; l < x.Lanes; l++)
        {
            for (int i = 0; i < x.Dimension; i++)
            {
                double[] sorted = [.. Enumerable.Range(0, x.Workers).Select(w => view[w, l, i]).Order(NanLast.Instance)];
                for (int w = 0; w < x.Workers; w++)
                {
                    result[(w * x.Lanes + l) * x.Dimension + i] = sorted[w];
                }
            }
        }

        return new Block(this, x.Shape, result);
    }

    /// <inheritdoc/>
    public Block Reduce(Reduction reduction, Block x)
    {
        var view = new View(x);
        return Build(x.Shape.Scalar, (w, l, _) =>
        {
            double result = 0.0;
            foreach (double v in view.At(w, l))
            {
                result = reduction switch
                {
                    Reduction.Sum => result + v,
                    Reduction.SumAbs => result + Math.Abs(v),
                    Reduction.SumSquares => result + v * v,
                    Reduction.MaxAbs => Math.Max(result, Math.Abs(v)),
                    Reduction.CountNonZero => result + (v != 0.0 ? 1.0 : 0.0),
                    _ => throw new ArgumentOutOfRangeException(nameof(reduction), reduction, "No such reduction."),
                };
            }

            return result;
        });
    }

    /// <inheritdoc/>
    public Block Dot(Block x, Block y)
    {
        var (vx, vy) = (new View(x), new View(y));
        Shape joint = Shape.Broadcast(x.Shape, y.Shape);
        return Build(joint.Scalar, (w, l, _) =>
        {
            double sum = 0.0;
            for (int i = 0; i < joint.Dimension; i++)
            {
                sum += vx[w, l, i] * vy[w, l, i];
            }

            return sum;
        });
    }

    private Block Build(Shape shape, Func<int, int, int, double> entry)
    {
        var values = new double[shape.Length];
        int at = 0;
        for (int w = 0; w < shape.Workers; w++)
        {
            for (int l = 0; l < shape.Lanes; l++)
            {
                for (int i = 0; i < shape.Dimension; i++)
                {
                    values[at++] = entry(w, l, i);
                }
            }
        }

        return new Block(this, shape, values);
    }

    /// <summary>Increasing, NaN after everything.</summary>
    private sealed class NanLast : IComparer<double>
    {
        public static readonly NanLast Instance = new();

        public int Compare(double x, double y) =>
            double.IsNaN(x) || double.IsNaN(y) ? double.IsNaN(x).CompareTo(double.IsNaN(y)) : x.CompareTo(y);
    }
}
