namespace Theory.Numerics;

/// <summary>
/// The SIMD engine: vectors of eight doubles, one thread (callers spread chunks of lanes over the cores). Elementwise
/// results equal the reference engine's bit for bit; sums follow the fixed order of their kernel, which depends on the
/// length of a lane alone; products are one chain of fused multiply-adds per entry, in increasing order of the index.
/// </summary>
public sealed partial class CpuEngine : IEngine
{
    /// <inheritdoc/>
    public string Name => "cpu";

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
        int n = terms.Length;
        var eight = default(EightViews);
        Span<View> views = n <= 8 ? ((Span<View>)eight)[..n] : new View[n];
        for (int j = 0; j < n; j++)
        {
            views[j] = new View(terms[j]);
        }

        Span<int> starts = n <= 8 ? stackalloc int[8] : new int[n];
        Span<bool> stretched = n <= 8 ? stackalloc bool[8] : new bool[n];
        Runs runs = Runs.Of(shape, views);
        for (int j = 0; j < n; j++)
        {
            stretched[j] = runs.IsStretched(views[j]);
        }

        double[] result = New(shape);
        for (int outer = 0, at = 0; outer < runs.Outer; outer++)
        {
            for (int inner = 0; inner < runs.Inner; inner++, at += runs.Length)
            {
                for (int j = 0; j < n; j++)
                {
                    starts[j] = Runs.Start(views[j], outer, inner);
                }

                Fused.Run(result.AsSpan(at, runs.Length), coefficients, views, starts, stretched);
            }
        }

        return new Block(this, shape, result);
    }

    /// <inheritdoc/>
    public Block Map(Unary function, double a, double b, Block x) => function switch
    {
        Unary.Abs => Map(default(UnaryKernels.Abs), x),
        Unary.Sign => Map(default(UnaryKernels.Signs), x),
        Unary.Square => Map(default(UnaryKernels.Square), x),
        Unary.SquareRoot => Map(default(UnaryKernels.SquareRoot), x),
        Unary.Reciprocal => Map(default(UnaryKernels.Reciprocal), x),
        Unary.Exp => Map(default(UnaryKernels.Exp), x),
        Unary.Log => Map(default(UnaryKernels.Log), x),
        Unary.Sigmoid => Map(default(UnaryKernels.Sigmoid), x),
        Unary.Softplus => Map(default(UnaryKernels.Softplus), x),
        Unary.SoftThreshold => Map(new UnaryKernels.SoftThreshold(a), x),
        Unary.Clamp => Map(new UnaryKernels.Clamp(a, b), x),
        Unary.AddConstant => Map(new UnaryKernels.AddConstant(a), x),
        Unary.Tanh or Unary.LogCosh or Unary.Power => Map(v => Scalar.Evaluate(function, a, b, v), x),
        _ => throw new ArgumentOutOfRangeException(nameof(function), function, "No such function."),
    };

    /// <inheritdoc/>
    public Block Zip(Binary function, Block x, Block y) => function switch
    {
        Binary.Multiply => Zip<BinaryKernels.Multiply>(x, y),
        Binary.Divide => Zip<BinaryKernels.Divide>(x, y),
        Binary.Min => Zip<BinaryKernels.Min>(x, y),
        Binary.Max => Zip<BinaryKernels.Max>(x, y),
        _ => throw new ArgumentOutOfRangeException(nameof(function), function, "No such function."),
    };

    /// <inheritdoc/>
    public Block Map(Func<double, double> function, Block x)
    {
        ReadOnlySpan<double> from = new View(x).Values;
        double[] result = New(x.Shape);
        for (int i = 0; i < result.Length; i++)
        {
            result[i] = function(from[i]);
        }

        return new Block(this, x.Shape, result);
    }

    /// <inheritdoc/>
    public Block Zip(Func<double, double, double> function, Block x, Block y)
    {
        Shape shape = Shape.Broadcast(x.Shape, y.Shape);
        var (vx, vy) = (new View(x), new View(y));
        double[] result = New(shape);
        for (int w = 0, at = 0; w < shape.Workers; w++)
        {
            for (int l = 0; l < shape.Lanes; l++)
            {
                for (int i = 0; i < shape.Dimension; i++)
                {
                    result[at++] = function(vx[w, l, i], vy[w, l, i]);
                }
            }
        }

        return new Block(this, shape, result);
    }

    /// <inheritdoc/>
    public Block Reduce(Reduction reduction, Block x) => reduction switch
    {
        Reduction.Sum => Reduce<Reductions.Sum>(x),
        Reduction.SumAbs => Reduce<Reductions.SumAbs>(x),
        Reduction.SumSquares => Reduce<Reductions.SumSquares>(x),
        Reduction.MaxAbs => Reduce<Reductions.MaxAbs>(x),
        Reduction.CountNonZero => Reduce<Reductions.CountNonZero>(x),
        _ => throw new ArgumentOutOfRangeException(nameof(reduction), reduction, "No such reduction."),
    };

    /// <inheritdoc/>
    public Block Dot(Block x, Block y)
    {
        Shape shape = Shape.Broadcast(x.Shape, y.Shape).Scalar;
        var (vx, vy) = (new View(x), new View(y));
        double[] result = New(shape);
        for (int w = 0, at = 0; w < shape.Workers; w++)
        {
            for (int l = 0; l < shape.Lanes; l++)
            {
                result[at++] = Reductions.Dot(vx.At(w, l), vy.At(w, l));
            }
        }

        return new Block(this, shape, result);
    }

    /// <summary>Results are written completely, so their memory needs no clearing.</summary>
    private static double[] New(Shape shape) => StepArena.Rent(shape.Length);

    private Block Map<TKernel>(TKernel kernel, Block x)
        where TKernel : struct, IUnaryKernel
    {
        double[] result = New(x.Shape);
        Elementwise.Map(kernel, new View(x).Values.AsSpan(0, result.Length), result);
        return new Block(this, x.Shape, result);
    }

    private Block Zip<TKernel>(Block x, Block y)
        where TKernel : struct, IBinaryKernel
    {
        Shape shape = Shape.Broadcast(x.Shape, y.Shape);
        var (vx, vy) = (new View(x), new View(y));
        Runs runs = Runs.Of(shape, vx, vy);
        int lengthX = runs.IsStretched(vx) ? 1 : runs.Length;
        int lengthY = runs.IsStretched(vy) ? 1 : runs.Length;
        double[] result = New(shape);
        for (int outer = 0, at = 0; outer < runs.Outer; outer++)
        {
            for (int inner = 0; inner < runs.Inner; inner++, at += runs.Length)
            {
                Elementwise.Zip<TKernel>(
                    vx.Values.AsSpan(Runs.Start(vx, outer, inner), lengthX),
                    vy.Values.AsSpan(Runs.Start(vy, outer, inner), lengthY),
                    result.AsSpan(at, runs.Length));
            }
        }

        return new Block(this, shape, result);
    }

    private Block Reduce<TKernel>(Block x)
        where TKernel : struct, IReductionKernel
    {
        Shape shape = x.Shape.Scalar;
        ReadOnlySpan<double> from = new View(x).Values;
        double[] result = New(shape);
        for (int i = 0; i < result.Length; i++)
        {
            result[i] = Reductions.Run<TKernel>(from.Slice(i * x.Dimension, x.Dimension));
        }

        return new Block(this, shape, result);
    }
}
