using System.Numerics;
using MathNet.Numerics.LinearAlgebra;

namespace Theory.Numerics;

/// <summary>Eigenvalues in increasing order and orthonormal eigenvectors, one in each column.</summary>
/// <param name="Values">λ₁ ≤ … ≤ λ_n.</param>
/// <param name="Vectors">Column j belongs to Values[j].</param>
public sealed record SymmetricEigen(IReadOnlyList<double> Values, Matrix Vectors);

/// <summary>A = Left·diag(Values)·Rightᵀ with r = min(rows, columns) columns on either side.</summary>
/// <param name="Left">Rows × r, orthonormal columns.</param>
/// <param name="Values">σ₁ ≥ … ≥ σ_r ≥ 0.</param>
/// <param name="Right">Columns × r, orthonormal columns.</param>
public sealed record SingularValues(Matrix Left, IReadOnlyList<double> Values, Matrix Right);

/// <summary>A = Q·R with orthonormal columns in Q and R upper triangular with a diagonal ≥ 0.</summary>
/// <param name="Q">Rows × columns.</param>
/// <param name="R">Columns × columns.</param>
public sealed record QrFactors(Matrix Q, Matrix R);

/// <summary>
/// Small dense decompositions by Math.NET Numerics. On blocks they work on each worker's and lane's matrix alone; a lane
/// with an entry that is not finite gives NaN there and disturbs no other. On a single <see cref="Matrix"/> such an
/// entry is an <see cref="ArgumentException"/>.
/// </summary>
public static partial class Decompositions
{
    /// <summary>Eigenvalues and eigenvectors of a symmetric matrix.</summary>
    /// <exception cref="ArgumentException">The matrix is not square, not symmetric beyond rounding, or not finite.</exception>
    public static SymmetricEigen SymmetricEigen(Matrix a)
    {
        Matrix symmetric = Dense.RequireSymmetric(a, nameof(a));
        var evd = symmetric.ToMathNet().Evd(Symmetricity.Symmetric);
        double[] values = [.. evd.EigenValues.Select(v => v.Real)];
        int[] order = [.. Enumerable.Range(0, values.Length)];
        Array.Sort([.. values], order);
        return new SymmetricEigen(
            [.. order.Select(i => values[i])], Dense.FromMathNet(evd.EigenVectors, a.Rows, j => order[j]));
    }

    /// <summary>The thin singular value decomposition.</summary>
    public static SingularValues Svd(Matrix a)
    {
        Dense.RequireFinite(a, nameof(a));
        int r = Math.Min(a.Rows, a.Columns);
        var svd = a.ToMathNet().Svd(computeVectors: true);
        return new SingularValues(
            Dense.FromMathNet(svd.U, r, j => j), [.. svd.S], Dense.FromMathNet(svd.VT.Transpose(), r, j => j));
    }

    /// <summary>The thin QR factors of a matrix with at least as many rows as columns.</summary>
    public static QrFactors Qr(Matrix a)
    {
        Dense.RequireFinite(a, nameof(a));
        if (a.Rows < a.Columns)
        {
            throw new ArgumentException($"QR needs at least as many rows as columns; the matrix is {a.Rows}×{a.Columns}.", nameof(a));
        }

        var qr = a.ToMathNet().QR(MathNet.Numerics.LinearAlgebra.Factorization.QRMethod.Thin);
        double Sign(int j) => qr.R[j, j] < 0.0 ? -1.0 : 1.0;
        return new QrFactors(
            Matrix.Create(a.Rows, a.Columns, (i, j) => Sign(j) * qr.Q[i, j]),
            Matrix.Create(a.Columns, a.Columns, (i, j) => i <= j ? Sign(i) * qr.R[i, j] : 0.0));
    }

    /// <summary>The lower triangular L with A = L·Lᵀ.</summary>
    /// <exception cref="ArgumentException">A pivot is not positive: the matrix is not positive definite.</exception>
    public static Matrix Cholesky(Matrix a)
    {
        Matrix symmetric = Dense.RequireSymmetric(a, nameof(a));
        int n = a.Rows;
        var lower = new double[n * n];
        for (int j = 0; j < n; j++)
        {
            ReadOnlySpan<double> head = lower.AsSpan(j * n, j);
            double pivot = symmetric[j, j] - LinearAlgebra.Dot(head, head);
            if (!(pivot > 0.0))
            {
                throw new ArgumentException($"The matrix is not positive definite: pivot {j} of the Cholesky factor is {pivot}.", nameof(a));
            }

            double root = Math.Sqrt(pivot);
            lower[j * n + j] = root;
            for (int i = j + 1; i < n; i++)
            {
                lower[i * n + j] = (symmetric[i, j] - LinearAlgebra.Dot(lower.AsSpan(i * n, j), lower.AsSpan(j * n, j))) / root;
            }
        }

        return new Matrix(n, n, lower);
    }

    /// <summary>X with A·X = B, by LU with partial pivoting.</summary>
    /// <exception cref="ArgumentException">A is not square, B has other rows, or a pivot is exactly zero.</exception>
    public static Matrix Solve(Matrix a, Matrix b)
    {
        Dense.RequireSquare(a, nameof(a));
        Dense.RequireFinite(a, nameof(a));
        Dense.RequireFinite(b, nameof(b));
        if (a.Rows != b.Rows)
        {
            throw new ArgumentException($"A right-hand side of {b.Rows} rows does not fit a {a.Rows}×{a.Columns} matrix.", nameof(b));
        }

        var lu = a.ToMathNet().LU();
        for (int i = 0; i < a.Rows; i++)
        {
            if (lu.U[i, i] == 0.0)
            {
                throw new ArgumentException($"The matrix is singular: pivot {i} of its LU factors is zero.", nameof(a));
            }
        }

        return Dense.FromMathNet(lu.Solve(b.ToMathNet()));
    }

    /// <summary>‖A‖₂ = σ₁.</summary>
    public static double SpectralNorm(Matrix a)
    {
        Dense.RequireFinite(a, nameof(a));
        return a.ToMathNet().Svd(computeVectors: false).S[0];
    }

    /// <summary>
    /// Σ u_i·v_iᵀ over the singular values above the rank's threshold: the matrix sign of A, which is orthogonal for
    /// full rank and maximises ⟨A, X⟩ over ‖X‖₂ ≤ 1.
    /// </summary>
    /// <param name="a">Any matrix; the factor of zero is zero.</param>
    /// <param name="tolerance">Singular values below tolerance·σ₁ count as zero; max(rows, columns)·ε by default.</param>
    public static Matrix PolarFactor(Matrix a, double? tolerance = null) => OfSingularValues(a, tolerance, _ => 1.0, transposed: false);

    /// <summary>The Moore–Penrose inverse A⁺.</summary>
    /// <param name="a">Any matrix.</param>
    /// <param name="tolerance">Singular values below tolerance·σ₁ count as zero; max(rows, columns)·ε by default.</param>
    public static Matrix PseudoInverse(Matrix a, double? tolerance = null) => OfSingularValues(a, tolerance, s => 1.0 / s, transposed: true);

    /// <summary>The symmetric X ⪰ 0 with X² = A.</summary>
    /// <param name="a">Symmetric and positive semidefinite.</param>
    /// <param name="tolerance">Eigenvalues above −tolerance·max|λ| count as zero; n·ε by default.</param>
    /// <exception cref="ArgumentException">An eigenvalue is more negative than that.</exception>
    public static Matrix SquareRoot(Matrix a, double? tolerance = null)
    {
        SymmetricEigen eigen = SymmetricEigen(a);
        double[] roots = [.. NonNegative(eigen, tolerance, nameof(a)).Select(Math.Sqrt)];
        return LinearAlgebra.FromSpectrum(eigen.Vectors, roots);
    }

    /// <summary>The number of singular values above the threshold.</summary>
    public static int Rank(Matrix a, double? tolerance = null)
    {
        IReadOnlyList<double> values = Svd(a).Values;
        double threshold = Dense.Threshold(a.Rows, a.Columns, values[0], tolerance);
        return values.Count(s => s > threshold);
    }

    /// <summary>Orthonormal vectors that span {x : A·x = 0}, none where A has full column rank.</summary>
    public static IReadOnlyList<double[]> NullSpace(Matrix a, double? tolerance = null)
    {
        Dense.RequireFinite(a, nameof(a));
        var svd = a.ToMathNet().Svd(computeVectors: true);
        double threshold = Dense.Threshold(a.Rows, a.Columns, svd.S[0], tolerance);
        int rank = svd.S.Count(s => s > threshold);
        return [.. Enumerable.Range(rank, a.Columns - rank).Select(i => svd.VT.Row(i).ToArray())];
    }

    /// <summary>The moduli |λ| of the eigenvalues of any square matrix, in decreasing order; the first is the spectral radius.</summary>
    public static IReadOnlyList<double> EigenvalueModuli(Matrix a) => [.. Eigenvalues(a).Select(v => v.Magnitude)];

    /// <summary>max |λ| over the eigenvalues of any square matrix.</summary>
    public static double SpectralRadius(Matrix a) => EigenvalueModuli(a)[0];

    /// <summary>The eigenvalues of any square matrix, by decreasing modulus.</summary>
    public static IReadOnlyList<Complex> Eigenvalues(Matrix a)
    {
        Dense.RequireSquare(a, nameof(a));
        Dense.RequireFinite(a, nameof(a));
        return [.. a.ToMathNet().Evd(Symmetricity.Asymmetric).EigenValues.OrderByDescending(v => v.Magnitude)];
    }

    /// <summary>The eigenvalues with rounding below zero removed.</summary>
    internal static double[] NonNegative(SymmetricEigen eigen, double? tolerance, string name)
    {
        int n = eigen.Values.Count;
        double largest = Math.Max(Math.Abs(eigen.Values[0]), Math.Abs(eigen.Values[^1]));
        double threshold = Dense.Threshold(n, n, largest, tolerance);
        return eigen.Values[0] >= -threshold
            ? [.. eigen.Values.Select(v => Math.Max(v, 0.0))]
            : throw new ArgumentException($"The matrix is not positive semidefinite: its least eigenvalue is {eigen.Values[0]}.", name);
    }

    private static Matrix OfSingularValues(Matrix a, double? tolerance, Func<double, double> function, bool transposed)
    {
        SingularValues svd = Svd(a);
        double threshold = Dense.Threshold(a.Rows, a.Columns, svd.Values[0], tolerance);
        double[] mapped = [.. svd.Values.Select(s => s > threshold ? function(s) : 0.0)];
        Matrix scaled = Matrix.Create(a.Rows, mapped.Length, (i, j) => svd.Left[i, j] * mapped[j]);
        Matrix result = LinearAlgebra.Multiply(scaled, svd.Right.Transpose());
        return transposed ? result.Transpose() : result;
    }
}
