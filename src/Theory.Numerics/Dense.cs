using MathNet.Numerics.LinearAlgebra;
using MathNet.Numerics.LinearAlgebra.Double;

namespace Theory.Numerics;

/// <summary>The way to Math.NET and back, and the one place for ranks and thresholds of the decompositions.</summary>
internal static class Dense
{
    /// <summary>Spacing of doubles at 1.</summary>
    public const double Epsilon = 2.220446049250313e-16;

    /// <summary>A column-major Math.NET copy.</summary>
    public static Matrix<double> ToMathNet(this Matrix a)
    {
        var copy = new double[a.Rows * a.Columns];
        for (int i = 0; i < a.Rows; i++)
        {
            for (int j = 0; j < a.Columns; j++)
            {
                copy[j * a.Rows + i] = a[i, j];
            }
        }

        return new DenseMatrix(a.Rows, a.Columns, copy);
    }

    /// <summary>The first <paramref name="columns"/> columns as a row-major matrix, their order given.</summary>
    public static Matrix FromMathNet(Matrix<double> a, int columns, Func<int, int> order) =>
        Matrix.Create(a.RowCount, columns, (i, j) => a[i, order(j)]);

    /// <summary>The same matrix, row-major.</summary>
    public static Matrix FromMathNet(Matrix<double> a) => FromMathNet(a, a.ColumnCount, j => j);

    /// <summary>Below this, a singular value or an eigenvalue of an m × n matrix is rounding: max(m, n)·ε·largest.</summary>
    public static double Threshold(int rows, int columns, double largest, double? relative) =>
        (relative ?? Math.Max(rows, columns) * Epsilon) * largest;

    /// <summary>Throws unless the matrix is square.</summary>
    public static void RequireSquare(Matrix a, string name)
    {
        if (a.Rows != a.Columns)
        {
            throw new ArgumentException($"The matrix must be square; it is {a.Rows}×{a.Columns}.", name);
        }
    }

    /// <summary>Throws unless every entry is finite.</summary>
    public static void RequireFinite(Matrix a, string name)
    {
        for (int at = 0; at < a.Values.Length; at++)
        {
            if (!double.IsFinite(a.Values[at]))
            {
                throw new ArgumentException(
                    $"Entry ({at / a.Columns}, {at % a.Columns}) is {a.Values[at]}; a decomposition needs finite entries.", name);
            }
        }
    }

    /// <summary>
    /// (A + Aᵀ)/2, after a guard against matrices that are not meant to be symmetric: |A − Aᵀ| beyond √ε of the largest
    /// entry is no rounding.
    /// </summary>
    public static Matrix RequireSymmetric(Matrix a, string name)
    {
        RequireSquare(a, name);
        RequireFinite(a, name);
        double largest = LinearAlgebra.MaxAbs(a);
        for (int i = 0; i < a.Rows; i++)
        {
            for (int j = 0; j < i; j++)
            {
                if (Math.Abs(a[i, j] - a[j, i]) > 1.5e-8 * largest)
                {
                    throw new ArgumentException(
                        $"The matrix is not symmetric: entries ({i}, {j}) and ({j}, {i}) are {a[i, j]} and {a[j, i]}.", name);
                }
            }
        }

        return LinearAlgebra.Symmetrise(a);
    }
}
