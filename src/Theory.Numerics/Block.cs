namespace Theory.Numerics;

/// <summary>
/// An immutable batch of vectors or matrices: workers × lanes × dimension. Sums and scalar multiples are kept as a
/// pending linear combination and computed in one fused pass when the values are first needed, so that
/// <c>x - gamma * g</c> costs one pass and reads as the formula does.
/// </summary>
public sealed partial class Block
{
    /// <summary>Longer combinations are computed in parts; bounds the memory that a pending block keeps alive.</summary>
    private const int MaxTerms = 8;

    private static readonly object Released = new();

    private readonly IEngine? engine;

    /// <summary>Made while a step's arena was open; a pending block that is older keeps what it computes.</summary>
    private readonly bool madeInStep;
    private object? storage;
    private double[]? coefficients;
    private Block[]? terms;

    /// <summary>For engines: a block with computed storage. A null engine marks host values that any engine adopts.</summary>
    public Block(IEngine? engine, Shape shape, object storage)
    {
        this.engine = engine;
        this.storage = storage;
        Shape = shape;
        StepArena.Track(this, storage);
    }

    private Block(IEngine? engine, Shape shape, double[] coefficients, Block[] terms)
    {
        this.engine = engine;
        this.coefficients = coefficients;
        this.terms = terms;
        madeInStep = StepArena.IsOpen;
        Shape = shape;
    }

    /// <summary>Workers × lanes × dimension.</summary>
    public Shape Shape { get; }

    /// <summary>Number of workers.</summary>
    public int Workers => Shape.Workers;

    /// <summary>Number of lanes.</summary>
    public int Lanes => Shape.Lanes;

    /// <summary>Values per worker and lane.</summary>
    public int Dimension => Shape.Dimension;

    /// <summary>The engine on which operations run; host blocks run on the default engine.</summary>
    public IEngine Engine => engine ?? Engines.Default;

    /// <summary>True for host values that no engine has claimed.</summary>
    public bool IsHost => engine is null;

    /// <summary>The computed storage, an engine's own type (double[] on the host engines).</summary>
    public object Storage
    {
        get
        {
            object? ready = Volatile.Read(ref storage);
            if (ready is not null)
            {
                return ReferenceEquals(ready, Released)
                    ? throw new InvalidOperationException(
                        "A block made inside a step was used after it. A step may keep blocks in its state only.")
                    : ready;
            }

            double[]? c = Volatile.Read(ref coefficients);
            Block[]? t = Volatile.Read(ref terms);
            if (c is null || t is null)
            {
                // Another thread finished between the two reads.
                return Volatile.Read(ref storage)!;
            }

            StepArena? paused = madeInStep ? null : StepArena.Pause();
            try
            {
                ready = Engine.Combine(Shape, c, t).Storage;
            }
            finally
            {
                paused?.Resume();
            }

            Volatile.Write(ref storage, ready);
            StepArena.Track(this, ready);
            Volatile.Write(ref coefficients, null);
            Volatile.Write(ref terms, null);
            return ready;
        }
    }

    /// <summary>The array of computed host storage, null otherwise.</summary>
    internal double[]? StoredArray => Volatile.Read(ref storage) as double[];

    /// <summary>Marks this block as gone with its step; see <see cref="StepArena"/>.</summary>
    internal void Release() => Volatile.Write(ref storage, Released);

    /// <summary>This block, with its values computed.</summary>
    public Block Materialise()
    {
        _ = Storage;
        return this;
    }

    /// <summary>A copy of all values, workers × lanes × dimension.</summary>
    public double[] ToArray()
    {
        var copy = new double[Shape.Length];
        if (Storage is double[] host)
        {
            host.AsSpan(0, copy.Length).CopyTo(copy);
        }
        else
        {
            Engine.Download(this, copy);
        }

        return copy;
    }

    /// <summary>One value; for tests and reports, not for kernels.</summary>
    public double this[int worker, int lane, int index]
    {
        get
        {
            int at = (worker * Lanes + lane) * Dimension + index;
            return Storage is double[] host ? host[at] : ToArray()[at];
        }
    }

    /// <summary>Host values (copied) of the given shape.</summary>
    public static Block FromValues(Shape shape, ReadOnlySpan<double> values)
    {
        if (values.Length != shape.Length)
        {
            throw new ArgumentException($"{values.Length} values do not fill a block of shape {shape}.", nameof(values));
        }

        return new Block(null, shape, values.ToArray());
    }

    /// <summary>Host values of the given shape, not copied: the caller gives the array away.</summary>
    /// <exception cref="ArgumentException">The length does not fit.</exception>
    public static Block Own(Shape shape, double[] values)
    {
        if (values.Length != shape.Length)
        {
            throw new ArgumentException($"{values.Length} values do not fill a block of shape {shape}.", nameof(values));
        }

        return new Block(null, shape, values);
    }

    /// <summary>One host vector: 1 × 1 × values.</summary>
    public static Block FromVector(params double[] values) => FromValues(Shape.Vector(1, 1, values.Length), values);

    /// <summary>Host block with one value everywhere.</summary>
    public static Block Fill(Shape shape, double value)
    {
        var values = new double[shape.Length];
        values.AsSpan().Fill(value);
        return new Block(null, shape, values);
    }

    /// <summary>Host block of zeros.</summary>
    public static Block Zero(Shape shape) => new(null, shape, new double[shape.Length]);

    /// <summary>The same values on <paramref name="target"/>.</summary>
    public Block On(IEngine target) =>
        ReferenceEquals(engine, target) ? this : target.Upload(Shape, ToArray());

    /// <summary>The same values seen as matrices of another form with the same dimension.</summary>
    /// <exception cref="ArgumentException">Rows × columns is not the dimension.</exception>
    public Block Reshape(int rows, int columns)
    {
        if (rows * columns != Dimension)
        {
            throw new ArgumentException($"A dimension of {Dimension} cannot be seen as {rows}×{columns}.");
        }

        return new Block(engine, Shape with { Rows = rows, Columns = columns }, Storage);
    }

    /// <summary>The engine of a joint operation: the first operand's that has one.</summary>
    /// <exception cref="InvalidOperationException">The operands live on two engines.</exception>
    public static IEngine EngineOf(Block x, Block y)
    {
        if (x.engine is not null && y.engine is not null && !ReferenceEquals(x.engine, y.engine))
        {
            throw new InvalidOperationException(
                $"A block on engine '{x.engine.Name}' cannot meet one on '{y.engine.Name}'; move one with On.");
        }

        return x.engine ?? y.Engine;
    }

    /// <summary>x + y, pending.</summary>
    public static Block operator +(Block x, Block y) => Linear(1.0, x, 1.0, y);

    /// <summary>x − y, pending.</summary>
    public static Block operator -(Block x, Block y) => Linear(1.0, x, -1.0, y);

    /// <summary>−x, pending.</summary>
    public static Block operator -(Block x) => -1.0 * x;

    /// <summary>c·x, pending.</summary>
    public static Block operator *(double c, Block x)
    {
        (double[] xc, Block[] xt) = x.Parts();
        return new Block(x.engine, x.Shape, Array.ConvertAll(xc, v => c * v), xt);
    }

    /// <summary>x·c, pending.</summary>
    public static Block operator *(Block x, double c) => c * x;

    /// <summary>x/c, pending.</summary>
    public static Block operator /(Block x, double c) => (1.0 / c) * x;

    /// <summary>Elementwise product; a block of one value per lane scales that lane.</summary>
    public static Block operator *(Block x, Block y) => EngineOf(x, y).Zip(Binary.Multiply, x, y);

    /// <summary>Elementwise quotient; a block of one value per lane divides that lane.</summary>
    public static Block operator /(Block x, Block y) => EngineOf(x, y).Zip(Binary.Divide, x, y);

    private static Block Linear(double a, Block x, double b, Block y)
    {
        IEngine? joint = x.engine ?? y.engine;
        _ = EngineOf(x, y);
        Shape shape = Shape.Broadcast(x.Shape, y.Shape);
        (double[] xc, Block[] xt) = x.Parts();
        (double[] yc, Block[] yt) = y.Parts();
        if (xt.Length + yt.Length > MaxTerms)
        {
            (xc, xt) = ([1.0], [x.Materialise()]);
            if (1 + yt.Length > MaxTerms)
            {
                (yc, yt) = ([1.0], [y.Materialise()]);
            }
        }

        var c = new double[xc.Length + yc.Length];
        var t = new Block[c.Length];
        for (int j = 0; j < xc.Length; j++)
        {
            c[j] = a * xc[j];
            t[j] = xt[j];
        }

        for (int j = 0; j < yc.Length; j++)
        {
            c[xc.Length + j] = b * yc[j];
            t[xc.Length + j] = yt[j];
        }

        return new Block(joint, shape, c, t);
    }

    /// <summary>
    /// The pending terms, or this block itself. A pending block whose shape is wider than its terms' is fine: every
    /// term stretches on its own.
    /// </summary>
    private (double[] Coefficients, Block[] Terms) Parts()
    {
        double[]? c = Volatile.Read(ref coefficients);
        Block[]? t = Volatile.Read(ref terms);
        return c is not null && t is not null && Volatile.Read(ref storage) is null ? (c, t) : ([1.0], [this]);
    }

    /// <inheritdoc/>
    public override string ToString() => $"Block {Shape}";
}
