using System.Collections.Concurrent;

namespace Theory.Numerics;

/// <summary>An immutable dense host matrix that problems own (data, Hessians, games), row-major.</summary>
public sealed class Matrix
{
    private readonly double[] values;

    /// <summary>
    /// What an engine derived from this matrix (packed panels, a device copy), kept as long as the matrix. No table with weak
    /// keys: what is derived refers to the matrix, and an engine lives as long as the program.
    /// </summary>
    private ConcurrentDictionary<IEngine, object>? derived;

    /// <summary>Takes ownership of <paramref name="values"/>, row-major.</summary>
    /// <exception cref="ArgumentException">The length is not rows × columns.</exception>
    public Matrix(int rows, int columns, double[] values)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(rows, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(columns, 1);
        if (values.Length != rows * columns)
        {
            throw new ArgumentException($"{values.Length} values do not fill a {rows}×{columns} matrix.", nameof(values));
        }

        Rows = rows;
        Columns = columns;
        this.values = values;
    }

    /// <summary>Number of rows.</summary>
    public int Rows { get; }

    /// <summary>Number of columns.</summary>
    public int Columns { get; }

    /// <summary>All values, row-major.</summary>
    public ReadOnlySpan<double> Values => values;

    /// <summary>One entry.</summary>
    public double this[int row, int column] => values[row * Columns + column];

    /// <summary>One row.</summary>
    public ReadOnlySpan<double> Row(int row) => values.AsSpan(row * Columns, Columns);

    /// <summary>A copy as a two-dimensional array.</summary>
    public double[,] ToArray()
    {
        var copy = new double[Rows, Columns];
        Buffer.BlockCopy(values, 0, copy, 0, values.Length * sizeof(double));
        return copy;
    }

    /// <summary>From a function of row and column.</summary>
    public static Matrix Create(int rows, int columns, Func<int, int, double> entry)
    {
        var values = new double[rows * columns];
        for (int i = 0; i < rows; i++)
        {
            for (int j = 0; j < columns; j++)
            {
                values[i * columns + j] = entry(i, j);
            }
        }

        return new Matrix(rows, columns, values);
    }

    /// <summary>The identity.</summary>
    public static Matrix Identity(int size) => Create(size, size, (i, j) => i == j ? 1.0 : 0.0);

    /// <summary>The transpose, a new matrix.</summary>
    public Matrix Transpose() => Create(Columns, Rows, (i, j) => this[j, i]);

    /// <summary>The form that an engine keeps beside this matrix; made once.</summary>
    public T Derived<T>(IEngine engine, Func<Matrix, T> make)
        where T : class =>
        (T)LazyInitializer.EnsureInitialized(ref derived, () => new ConcurrentDictionary<IEngine, object>()).GetOrAdd(engine, _ => make(this));
}

/// <summary>An immutable sparse host matrix in compressed rows; column indices increase inside a row.</summary>
public sealed class SparseMatrix
{
    private readonly int[] starts;
    private readonly int[] columns;
    private readonly double[] values;

    /// <summary>Takes ownership of the arrays; row r holds entries starts[r] .. starts[r+1].</summary>
    /// <exception cref="ArgumentException">The arrays do not describe rows with increasing columns below <paramref name="columnCount"/>.</exception>
    public SparseMatrix(int columnCount, int[] starts, int[] columns, double[] values)
    {
        if (starts.Length < 2 || starts[0] != 0 || starts[^1] != values.Length || columns.Length != values.Length)
        {
            throw new ArgumentException("Row starts must begin at 0 and end at the number of entries.", nameof(starts));
        }

        for (int r = 0; r + 1 < starts.Length; r++)
        {
            for (int e = starts[r]; e < starts[r + 1]; e++)
            {
                if ((uint)columns[e] >= (uint)columnCount || (e > starts[r] && columns[e] <= columns[e - 1]))
                {
                    throw new ArgumentException($"Row {r}: column {columns[e]} is out of order or not below {columnCount}.", nameof(columns));
                }
            }
        }

        Columns = columnCount;
        this.starts = starts;
        this.columns = columns;
        this.values = values;
    }

    /// <summary>Number of rows.</summary>
    public int Rows => starts.Length - 1;

    /// <summary>Number of columns.</summary>
    public int Columns { get; }

    /// <summary>Number of stored entries.</summary>
    public int NonZeros => values.Length;

    /// <summary>Where each row starts; one more than rows.</summary>
    public ReadOnlySpan<int> Starts => starts;

    /// <summary>Column of each entry.</summary>
    public ReadOnlySpan<int> ColumnIndices => columns;

    /// <summary>Value of each entry.</summary>
    public ReadOnlySpan<double> Values => values;

    /// <summary>The same matrix, dense.</summary>
    public Matrix ToDense()
    {
        var dense = new double[Rows * Columns];
        for (int r = 0; r < Rows; r++)
        {
            for (int e = starts[r]; e < starts[r + 1]; e++)
            {
                dense[r * Columns + columns[e]] = values[e];
            }
        }

        return new Matrix(Rows, Columns, dense);
    }

    /// <summary>Rows from (inclusive) to (exclusive), a new matrix.</summary>
    public SparseMatrix Slice(int from, int to)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(from);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(to, Rows);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(from, to);
        int first = starts[from];
        int[] cut = [.. starts[from..(to + 1)].Select(s => s - first)];
        return new SparseMatrix(Columns, cut, columns[first..starts[to]], values[first..starts[to]]);
    }
}
