namespace Theory.Numerics;

/// <summary>Small dense algebra on <see cref="Matrix"/>: sums run in increasing order of the index, with no threads.</summary>
public static class LinearAlgebra
{
    /// <summary>A·B.</summary>
    /// <exception cref="ArgumentException">The inner extents differ.</exception>
    public static Matrix Multiply(Matrix a, Matrix b)
    {
        if (a.Columns != b.Rows)
        {
            throw new ArgumentException($"A {a.Rows}×{a.Columns} matrix cannot be multiplied by a {b.Rows}×{b.Columns} one.", nameof(b));
        }

        var values = new double[a.Rows * b.Columns];
        for (int i = 0; i < a.Rows; i++)
        {
            Span<double> row = values.AsSpan(i * b.Columns, b.Columns);
            for (int k = 0; k < a.Columns; k++)
            {
                double scale = a[i, k];
                ReadOnlySpan<double> other = b.Row(k);
                for (int j = 0; j < row.Length; j++)
                {
                    row[j] += scale * other[j];
                }
            }
        }

        return new Matrix(a.Rows, b.Columns, values);
    }

    /// <summary>A·B·C·…, from the left.</summary>
    public static Matrix Product(params ReadOnlySpan<Matrix> factors)
    {
        if (factors.IsEmpty)
        {
            throw new ArgumentException("A product needs a factor.", nameof(factors));
        }

        Matrix product = factors[0];
        foreach (Matrix factor in factors[1..])
        {
            product = Multiply(product, factor);
        }

        return product;
    }

    /// <summary>A·x.</summary>
    public static double[] Multiply(Matrix a, ReadOnlySpan<double> x)
    {
        if (a.Columns != x.Length)
        {
            throw new ArgumentException($"A {a.Rows}×{a.Columns} matrix cannot be applied to {x.Length} values.", nameof(x));
        }

        var result = new double[a.Rows];
        for (int i = 0; i < a.Rows; i++)
        {
            result[i] = Dot(a.Row(i), x);
        }

        return result;
    }

    /// <summary>⟨x, y⟩.</summary>
    public static double Dot(ReadOnlySpan<double> x, ReadOnlySpan<double> y)
    {
        if (x.Length != y.Length)
        {
            throw new ArgumentException($"Vectors of {x.Length} and {y.Length} values have no inner product.", nameof(y));
        }

        double sum = 0.0;
        for (int i = 0; i < x.Length; i++)
        {
            sum += x[i] * y[i];
        }

        return sum;
    }

    /// <summary>‖x‖₂, without overflow or underflow.</summary>
    public static double Norm(ReadOnlySpan<double> x)
    {
        double largest = 0.0;
        foreach (double value in x)
        {
            largest = Math.Max(largest, Math.Abs(value));
        }

        if (largest == 0.0 || !double.IsFinite(largest))
        {
            return largest;
        }

        double sum = 0.0;
        foreach (double value in x)
        {
            sum += value / largest * (value / largest);
        }

        return largest * Math.Sqrt(sum);
    }

    /// <summary>A + B.</summary>
    public static Matrix Add(Matrix a, Matrix b) => Combine(1.0, a, 1.0, b);

    /// <summary>A − B.</summary>
    public static Matrix Subtract(Matrix a, Matrix b) => Combine(1.0, a, -1.0, b);

    /// <summary>α·A + β·B.</summary>
    /// <exception cref="ArgumentException">The extents differ.</exception>
    public static Matrix Combine(double alpha, Matrix a, double beta, Matrix b)
    {
        if (a.Rows != b.Rows || a.Columns != b.Columns)
        {
            throw new ArgumentException($"A {a.Rows}×{a.Columns} matrix cannot be added to a {b.Rows}×{b.Columns} one.", nameof(b));
        }

        return Matrix.Create(a.Rows, a.Columns, (i, j) => alpha * a[i, j] + beta * b[i, j]);
    }

    /// <summary>c·A.</summary>
    public static Matrix Scale(double c, Matrix a) => Matrix.Create(a.Rows, a.Columns, (i, j) => c * a[i, j]);

    /// <summary>Σ_i A_ii of a square matrix.</summary>
    public static double Trace(Matrix a)
    {
        Dense.RequireSquare(a, nameof(a));
        double sum = 0.0;
        for (int i = 0; i < a.Rows; i++)
        {
            sum += a[i, i];
        }

        return sum;
    }

    /// <summary>A ⊗ B: block (i, j) is A_ij·B.</summary>
    public static Matrix Kronecker(Matrix a, Matrix b) => Matrix.Create(
        a.Rows * b.Rows,
        a.Columns * b.Columns,
        (i, j) => a[i / b.Rows, j / b.Columns] * b[i % b.Rows, j % b.Columns]);

    /// <summary>Aᵀ.</summary>
    public static Matrix Transpose(Matrix a) => a.Transpose();

    /// <summary>(A + Aᵀ)/2.</summary>
    public static Matrix Symmetrise(Matrix a)
    {
        Dense.RequireSquare(a, nameof(a));
        return Matrix.Create(a.Rows, a.Columns, (i, j) => i == j ? a[i, i] : 0.5 * a[i, j] + 0.5 * a[j, i]);
    }

    /// <summary>The diagonal matrix of <paramref name="values"/>.</summary>
    public static Matrix Diagonal(params double[] values) =>
        Matrix.Create(values.Length, values.Length, (i, j) => i == j ? values[i] : 0.0);

    /// <summary>x·yᵀ.</summary>
    public static Matrix Outer(double[] x, double[] y) => Matrix.Create(x.Length, y.Length, (i, j) => x[i] * y[j]);

    /// <summary>One column, a copy.</summary>
    public static double[] Column(Matrix a, int column)
    {
        var values = new double[a.Rows];
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = a[i, column];
        }

        return values;
    }

    /// <summary>‖A‖_F.</summary>
    public static double FrobeniusNorm(Matrix a) => Norm(a.Values);

    /// <summary>The largest |A_ij|.</summary>
    public static double MaxAbs(Matrix a)
    {
        double largest = 0.0;
        foreach (double value in a.Values)
        {
            largest = Math.Max(largest, Math.Abs(value));
        }

        return largest;
    }

    /// <summary>
    /// An orthogonal n × n matrix of the Haar law: the Q of a Gaussian matrix whose R has a positive diagonal.
    /// </summary>
    /// <param name="address">Where the Gaussian is drawn; its own kind, so it meets no other draw at this address.</param>
    /// <param name="size">n.</param>
    public static Matrix RandomOrthogonal(DrawAddress address, int size) =>
        Decompositions.Qr(Sampler.GaussianMatrix(address, DrawKind.OrthogonalMatrix, size, size)).Q;

    /// <summary>Q·diag(λ)·Qᵀ, symmetric to the last bit.</summary>
    /// <param name="orthogonal">Q, its columns the eigenvectors.</param>
    /// <param name="eigenvalues">λ, one for each column.</param>
    public static Matrix FromSpectrum(Matrix orthogonal, ReadOnlySpan<double> eigenvalues)
    {
        if (orthogonal.Columns != eigenvalues.Length)
        {
            throw new ArgumentException($"{eigenvalues.Length} eigenvalues do not fit {orthogonal.Columns} columns.", nameof(eigenvalues));
        }

        double[] lambda = eigenvalues.ToArray();
        Matrix scaled = Matrix.Create(orthogonal.Rows, lambda.Length, (i, j) => orthogonal[i, j] * lambda[j]);
        return Symmetrise(Multiply(scaled, orthogonal.Transpose()));
    }
}
