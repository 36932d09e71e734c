namespace Theory.Numerics;

/// <summary>
/// The extent of a <see cref="Block"/>: workers × lanes × (rows × columns), row-major, so that the values of one
/// lane of one worker are contiguous. A vector variable has one row; a matrix variable has more.
/// </summary>
/// <param name="Workers">Number of workers (or stored components), at least 1.</param>
/// <param name="Lanes">Number of independent replicates, at least 1.</param>
/// <param name="Rows">Rows of one lane's matrix; 1 for a vector.</param>
/// <param name="Columns">Columns of one lane's matrix; the dimension for a vector.</param>
public readonly record struct Shape(int Workers, int Lanes, int Rows, int Columns)
{
    /// <summary>Values per worker and lane: rows × columns.</summary>
    public int Dimension => Rows * Columns;

    /// <summary>Values in the whole block.</summary>
    public int Length => Workers * Lanes * Rows * Columns;

    /// <summary>The shape of vectors: one row.</summary>
    /// <exception cref="ArgumentOutOfRangeException">An extent is below 1.</exception>
    public static Shape Vector(int workers, int lanes, int dimension) => Matrix(workers, lanes, 1, dimension);

    /// <summary>The shape of matrices.</summary>
    /// <exception cref="ArgumentOutOfRangeException">An extent is below 1.</exception>
    public static Shape Matrix(int workers, int lanes, int rows, int columns)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(workers, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(lanes, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(rows, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(columns, 1);
        return new Shape(workers, lanes, rows, columns);
    }

    /// <summary>The same lanes and dimension with another number of workers.</summary>
    public Shape WithWorkers(int workers) => this with { Workers = workers };

    /// <summary>The same workers and dimension with another number of lanes.</summary>
    public Shape WithLanes(int lanes) => this with { Lanes = lanes };

    /// <summary>The same workers and lanes with one value each.</summary>
    public Shape Scalar => this with { Rows = 1, Columns = 1 };

    /// <summary>
    /// The common shape of two operands. An extent of 1 (workers, lanes, or the whole dimension) stretches to the
    /// other's.
    /// </summary>
    /// <exception cref="ArgumentException">Two extents differ and neither is 1.</exception>
    public static Shape Broadcast(Shape a, Shape b)
    {
        if (a == b)
        {
            return a;
        }

        static int One(int x, int y) => x == y ? x : x == 1 ? y : y == 1 ? x : -1;
        int workers = One(a.Workers, b.Workers);
        int lanes = One(a.Lanes, b.Lanes);
        bool same = a.Rows == b.Rows && a.Columns == b.Columns;
        if (workers < 0 || lanes < 0 || (!same && a.Dimension != 1 && b.Dimension != 1))
        {
            throw new ArgumentException($"Blocks of shape {a} and {b} cannot be combined: each extent must agree or be 1.");
        }

        Shape wide = a.Dimension == 1 ? b : a;
        return new Shape(workers, lanes, wide.Rows, wide.Columns);
    }

    /// <inheritdoc/>
    public override string ToString() =>
        Rows == 1 ? $"{Workers}×{Lanes}×{Columns}" : $"{Workers}×{Lanes}×({Rows}×{Columns})";
}
