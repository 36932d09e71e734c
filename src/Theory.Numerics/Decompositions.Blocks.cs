namespace Theory.Numerics;

public static partial class Decompositions
{
    /// <summary>Per worker and lane: eigenvalues in increasing order (n) and eigenvectors in the columns (n × n).</summary>
    public static (Block Values, Block Vectors) SymmetricEigen(Block a)
    {
        int n = a.Shape.Rows;
        Block[] parts = Each(a, [(1, n), (n, n)], (matrix, into) =>
        {
            SymmetricEigen eigen = SymmetricEigen(matrix);
            into[0] = [.. eigen.Values];
            into[1] = eigen.Vectors.Values.ToArray();
        });
        return (parts[0], parts[1]);
    }

    /// <summary>Per worker and lane: A = Left·diag(Values)·Rightᵀ, the singular values in decreasing order.</summary>
    public static (Block Left, Block Values, Block Right) Svd(Block a)
    {
        (int rows, int columns) = (a.Shape.Rows, a.Shape.Columns);
        int r = Math.Min(rows, columns);
        Block[] parts = Each(a, [(rows, r), (1, r), (columns, r)], (matrix, into) =>
        {
            SingularValues svd = Svd(matrix);
            into[0] = svd.Left.Values.ToArray();
            into[1] = [.. svd.Values];
            into[2] = svd.Right.Values.ToArray();
        });
        return (parts[0], parts[1], parts[2]);
    }

    /// <summary>Per worker and lane: A = Q·R, the diagonal of R nonnegative.</summary>
    public static (Block Q, Block R) Qr(Block a)
    {
        (int rows, int columns) = (a.Shape.Rows, a.Shape.Columns);
        Block[] parts = Each(a, [(rows, columns), (columns, columns)], (matrix, into) =>
        {
            QrFactors qr = Qr(matrix);
            into[0] = qr.Q.Values.ToArray();
            into[1] = qr.R.Values.ToArray();
        });
        return (parts[0], parts[1]);
    }

    /// <summary>Per worker and lane: the lower triangular L with A = L·Lᵀ.</summary>
    /// <exception cref="ArgumentException">A pivot is not positive; the message names pivot, worker and lane.</exception>
    public static Block Cholesky(Block a) => Each(a, a.Shape.Rows, a.Shape.Rows, Cholesky);

    /// <summary>
    /// Per worker and lane: X with A·X = B. A right-hand side of one row with as many values as A has rows is a vector,
    /// and so is its solution. An extent of 1 (workers, lanes) stretches to the other's.
    /// </summary>
    public static Block Solve(Block a, Block b)
    {
        int n = a.Shape.Rows;
        bool vector = b.Shape.Rows == 1 && b.Shape.Columns == n;
        int columns = vector ? 1 : b.Shape.Columns;
        (int workers, int lanes) = (Math.Max(a.Workers, b.Workers), Math.Max(a.Lanes, b.Lanes));
        _ = Shape.Broadcast(a.Shape.Scalar, b.Shape.Scalar);
        (double[] left, double[] right) = (a.ToArray(), b.ToArray());
        var values = new double[workers * lanes * n * columns];
        for (int worker = 0; worker < workers; worker++)
        {
            for (int lane = 0; lane < lanes; lane++)
            {
                Matrix matrix = Cut(left, a.Shape, worker, lane, n, a.Shape.Columns);
                Matrix sides = Cut(right, b.Shape, worker, lane, vector ? n : b.Shape.Rows, columns);
                Span<double> into = values.AsSpan((worker * lanes + lane) * n * columns, n * columns);
                if (IsFinite(matrix) && IsFinite(sides))
                {
                    At(worker, lane, () => Solve(matrix, sides)).Values.CopyTo(into);
                }
                else
                {
                    into.Fill(double.NaN);
                }
            }
        }

        Shape shape = vector ? Shape.Vector(workers, lanes, n) : Shape.Matrix(workers, lanes, n, columns);
        return new Block(null, shape, values);
    }

    /// <summary>Per worker and lane: ‖A‖₂.</summary>
    public static Block SpectralNorm(Block a) => Each(a, 1, 1, m => One(SpectralNorm(m)));

    /// <summary>Per worker and lane: max |λ|.</summary>
    public static Block SpectralRadius(Block a) => Each(a, 1, 1, m => One(SpectralRadius(m)));

    /// <summary>Per worker and lane: the polar factor Σ u_i·v_iᵀ.</summary>
    public static Block PolarFactor(Block a, double? tolerance = null) =>
        Each(a, a.Shape.Rows, a.Shape.Columns, m => PolarFactor(m, tolerance));

    /// <summary>Per worker and lane: the symmetric square root of A ⪰ 0.</summary>
    public static Block SquareRoot(Block a, double? tolerance = null) =>
        Each(a, a.Shape.Rows, a.Shape.Rows, m => SquareRoot(m, tolerance));

    /// <summary>Per worker and lane: the Moore–Penrose inverse.</summary>
    public static Block PseudoInverse(Block a, double? tolerance = null) =>
        Each(a, a.Shape.Columns, a.Shape.Rows, m => PseudoInverse(m, tolerance));

    private static Matrix One(double value) => new(1, 1, [value]);

    private static Block Each(Block a, int rows, int columns, Func<Matrix, Matrix> function) =>
        Each(a, [(rows, columns)], (matrix, into) => into[0] = function(matrix).Values.ToArray())[0];

    /// <summary>Runs a decomposition on every worker's and lane's matrix; NaN where that is not finite.</summary>
    private static Block[] Each(Block a, (int Rows, int Columns)[] forms, Action<Matrix, double[][]> decompose)
    {
        double[] source = a.ToArray();
        Shape[] shapes = Array.ConvertAll(forms, f => Shape.Matrix(a.Workers, a.Lanes, f.Rows, f.Columns));
        double[][] results = Array.ConvertAll(shapes, s => new double[s.Length]);
        var parts = new double[forms.Length][];
        for (int worker = 0; worker < a.Workers; worker++)
        {
            for (int lane = 0; lane < a.Lanes; lane++)
            {
                Matrix matrix = Cut(source, a.Shape, worker, lane, a.Shape.Rows, a.Shape.Columns);
                bool finite = IsFinite(matrix);
                if (finite)
                {
                    At(worker, lane, () =>
                    {
                        decompose(matrix, parts);
                        return parts;
                    });
                }

                for (int f = 0; f < forms.Length; f++)
                {
                    int size = shapes[f].Dimension;
                    Span<double> into = results[f].AsSpan((worker * a.Lanes + lane) * size, size);
                    if (finite)
                    {
                        parts[f].CopyTo(into);
                    }
                    else
                    {
                        into.Fill(double.NaN);
                    }
                }
            }
        }

        return [.. results.Select((values, f) => new Block(null, shapes[f], values))];
    }

    /// <summary>Adds worker and lane to an error.</summary>
    private static T At<T>(int worker, int lane, Func<T> decompose)
    {
        try
        {
            return decompose();
        }
        catch (ArgumentException error)
        {
            throw new ArgumentException($"Worker {worker}, lane {lane}: {error.Message}", error);
        }
    }

    private static Matrix Cut(double[] values, Shape shape, int worker, int lane, int rows, int columns)
    {
        int entry = (shape.Workers == 1 ? 0 : worker) * shape.Lanes + (shape.Lanes == 1 ? 0 : lane);
        return new Matrix(rows, columns, values.AsSpan(entry * shape.Dimension, shape.Dimension).ToArray());
    }

    private static bool IsFinite(Matrix matrix)
    {
        foreach (double value in matrix.Values)
        {
            if (!double.IsFinite(value))
            {
                return false;
            }
        }

        return true;
    }
}
