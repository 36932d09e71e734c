using MathNet.Numerics;
using Xunit;

namespace Theory.Numerics.Tests;

/// <summary>Decompositions against closed forms and prescribed factors.</summary>
public class DecompositionTests
{
    private static readonly DrawAddress Address = DrawAddress.Of(17);

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(25)]
    public void SecondDifferenceHasKnownSpectrum(int n)
    {
        SymmetricEigen eigen = Decompositions.SymmetricEigen(SecondDifference(n));
        for (int j = 0; j < n; j++)
        {
            Assert.Equal(2 - 2 * Math.Cos((j + 1) * Math.PI / (n + 1)), eigen.Values[j], 1e-13);
        }

        AssertClose(Matrix.Identity(n), LinearAlgebra.Multiply(eigen.Vectors.Transpose(), eigen.Vectors), 1e-13);
        AssertClose(SecondDifference(n), LinearAlgebra.FromSpectrum(eigen.Vectors, [.. eigen.Values]), 1e-13);
    }

    /// <summary>The extreme eigenvalues of the 3 × 3 Hilbert matrix, from its cubic, and the integer inverse of the 5 × 5.</summary>
    [Fact]
    public void HilbertMatrices()
    {
        IReadOnlyList<double> values = Decompositions.SymmetricEigen(Hilbert(3)).Values;
        Assert.Equal(0.002687340355773528, values[0], 1e-15);
        Assert.Equal(0.122327065853905749, values[1], 1e-14);
        Assert.Equal(1.408318927123653860, values[2], 1e-14);

        Matrix inverse = Decompositions.Solve(Hilbert(5), Matrix.Identity(5));
        Matrix expected = Matrix.Create(5, 5, (i, j) => ((i + j) % 2 == 0 ? 1 : -1) * (i + j + 1.0)
            * SpecialFunctions.Binomial(5 + i, 4 - j) * SpecialFunctions.Binomial(5 + j, 4 - i) * Math.Pow(SpecialFunctions.Binomial(i + j, i), 2));
        AssertClose(expected, inverse, 1e-5);
        AssertClose(inverse, Decompositions.PseudoInverse(Hilbert(5)), 1e-4);
    }

    [Theory]
    [InlineData(6, 4)]
    [InlineData(4, 6)]
    [InlineData(5, 5)]
    public void PrescribedSingularValues(int rows, int columns)
    {
        double[] sigma = [7.0, 2.0, 0.5, 0.0];
        Matrix left = LinearAlgebra.RandomOrthogonal(Address, rows);
        Matrix right = LinearAlgebra.RandomOrthogonal(Address.AtSite(1), columns);
        Matrix a = WithSingularValues(left, sigma, right);

        SingularValues svd = Decompositions.Svd(a);
        for (int i = 0; i < svd.Values.Count; i++)
        {
            Assert.Equal(i < 4 ? sigma[i] : 0.0, svd.Values[i], 1e-13);
        }

        AssertClose(a, LinearAlgebra.Product(svd.Left, LinearAlgebra.Diagonal([.. svd.Values]), svd.Right.Transpose()), 1e-13);
        Assert.Equal(7.0, Decompositions.SpectralNorm(a), 1e-13);
        Assert.Equal(3, Decompositions.Rank(a));
        AssertClose(WithSingularValues(left, [1, 1, 1, 0], right), Decompositions.PolarFactor(a), 1e-13);
        AssertClose(WithSingularValues(right, [1 / 7.0, 0.5, 2.0, 0], left), Decompositions.PseudoInverse(a), 1e-13);

        IReadOnlyList<double[]> kernel = Decompositions.NullSpace(a);
        Assert.Equal(columns - 3, kernel.Count);
        foreach (double[] x in kernel)
        {
            Assert.Equal(1.0, LinearAlgebra.Norm(x), 1e-13);
            Assert.Equal(0.0, LinearAlgebra.Norm(LinearAlgebra.Multiply(a, x)), 1e-13);
            Assert.All(kernel, y => Assert.Equal(ReferenceEquals(x, y) ? 1.0 : 0.0, LinearAlgebra.Dot(x, y), 1e-13));
        }
    }

    [Fact]
    public void FullRankHasNoKernelAndZeroHasOnlyKernel()
    {
        Assert.Empty(Decompositions.NullSpace(Hilbert(4)));
        Matrix zero = Matrix.Create(2, 3, (_, _) => 0.0);
        Assert.Equal(3, Decompositions.NullSpace(zero).Count);
        AssertClose(zero, Decompositions.PolarFactor(zero), 0.0);
        AssertClose(zero.Transpose(), Decompositions.PseudoInverse(zero), 0.0);
    }

    [Fact]
    public void QrIsTheOneWithPositiveDiagonal()
    {
        Matrix q = LinearAlgebra.RandomOrthogonal(Address, 5);
        Matrix thin = Matrix.Create(5, 3, (i, j) => q[i, j]);
        Matrix r = new(3, 3, [2, -1, 4, 0, 3, 5, 0, 0, 1]);
        QrFactors qr = Decompositions.Qr(LinearAlgebra.Multiply(thin, r));
        AssertClose(thin, qr.Q, 1e-14);
        AssertClose(r, qr.R, 1e-13);
        Assert.Throws<ArgumentException>(() => Decompositions.Qr(Matrix.Create(2, 3, (_, _) => 1.0)));
    }

    [Fact]
    public void CholeskyOfAKnownFactorAndOfAnIndefiniteMatrix()
    {
        Matrix lower = new(3, 3, [2, 0, 0, -1, 3, 0, 4, 5, 1]);
        AssertClose(lower, Decompositions.Cholesky(LinearAlgebra.Multiply(lower, lower.Transpose())), 1e-13);

        Matrix indefinite = new(3, 3, [1, 2, 0, 2, 1, 0, 0, 0, 1]);
        Assert.Contains("pivot 1", Assert.Throws<ArgumentException>(() => Decompositions.Cholesky(indefinite)).Message);
    }

    [Fact]
    public void SquareRootSquares()
    {
        Matrix q = LinearAlgebra.RandomOrthogonal(Address, 4);
        Matrix a = LinearAlgebra.FromSpectrum(q, [9.0, 4.0, 1e-6, 0.0]);
        AssertClose(LinearAlgebra.FromSpectrum(q, [3.0, 2.0, 1e-3, 0.0]), Decompositions.SquareRoot(a), 1e-7);
        Assert.Throws<ArgumentException>(() => Decompositions.SquareRoot(LinearAlgebra.Diagonal(1.0, -1e-3)));
    }

    /// <summary>A rotation scaled by ρ has moduli ρ; a companion matrix has the moduli of its roots; a nilpotent one has none.</summary>
    [Fact]
    public void ModuliOfNonsymmetricMatrices()
    {
        Matrix rotation = new(2, 2, [0.9 * Math.Cos(1), -0.9 * Math.Sin(1), 0.9 * Math.Sin(1), 0.9 * Math.Cos(1)]);
        Assert.Equal(0.9, Decompositions.SpectralRadius(rotation), 1e-14);

        // (x − 2)(x + 3)(x − 0.5) = x³ + 0.5x² − 6.5x + 3.
        Matrix companion = new(3, 3, [-0.5, 6.5, -3.0, 1, 0, 0, 0, 1, 0]);
        IReadOnlyList<double> moduli = Decompositions.EigenvalueModuli(companion);
        Assert.Equal(3.0, moduli[0], 1e-13);
        Assert.Equal(2.0, moduli[1], 1e-13);
        Assert.Equal(0.5, moduli[2], 1e-13);
        Assert.Equal(0.0, Decompositions.SpectralRadius(new Matrix(2, 2, [0, 1, 0, 0])));
    }

    [Fact]
    public void GeneralizedEigenvalueOfCommutingMatrices()
    {
        Matrix q = LinearAlgebra.RandomOrthogonal(Address, 5);
        Matrix a = LinearAlgebra.FromSpectrum(q, [1.0, 8.0, 3.0, 2.0, 5.0]);
        Matrix b = LinearAlgebra.FromSpectrum(q, [2.0, 4.0, 1.0, 10.0, 4.0]);
        GeneralizedEigen eigen = Decompositions.GeneralizedEigen(a, b);
        Assert.Equal(3.0, eigen.Value, 1e-13);
        Assert.Equal((5, true, null), (eigen.Rank, eigen.VanishesOnNullSpace, eigen.NullVector));
        double[] v = [.. eigen.Vector];
        Assert.Equal(1.0, Math.Abs(LinearAlgebra.Dot(v, LinearAlgebra.Column(q, 2))), 1e-13);
        Assert.Equal(1.0, LinearAlgebra.Dot(v, LinearAlgebra.Multiply(b, v)), 1e-13);
        Assert.Equal(3.0, LinearAlgebra.Dot(v, LinearAlgebra.Multiply(a, v)), 1e-13);
    }

    [Fact]
    public void GeneralizedEigenvalueOverASingularMatrix()
    {
        Matrix q = LinearAlgebra.RandomOrthogonal(Address, 5);
        Matrix b = LinearAlgebra.FromSpectrum(q, [2.0, 0.0, 1.0, 0.0, 1e-4]);
        Matrix vanishing = LinearAlgebra.FromSpectrum(q, [1.0, 0.0, 3.0, 0.0, 1e-4]);
        GeneralizedEigen eigen = Decompositions.GeneralizedEigen(vanishing, b);
        Assert.Equal(3.0, eigen.Supremum, 1e-12);
        Assert.Equal(3, eigen.Rank);

        GeneralizedEigen unbounded = Decompositions.GeneralizedEigen(LinearAlgebra.FromSpectrum(q, [1.0, 0.0, 3.0, 1e-3, 0.0]), b);
        Assert.Equal(3.0, unbounded.Value, 1e-9);
        Assert.Equal(1e-3, unbounded.NullDefect, 1e-12);
        Assert.Equal(double.PositiveInfinity, unbounded.Supremum);
        Assert.Equal(1.0, Math.Abs(LinearAlgebra.Dot([.. unbounded.NullVector!], LinearAlgebra.Column(q, 3))), 1e-9);
        Assert.Throws<ArgumentException>(() => Decompositions.GeneralizedEigen(b, LinearAlgebra.Diagonal(1, 1, 1, 1, -1)));
        Assert.Throws<ArgumentException>(() => Decompositions.GeneralizedEigen(b, LinearAlgebra.Diagonal(0, 0, 0, 0, 0)));
    }

    [Fact]
    public void GuardsNameWhatIsWrong()
    {
        Assert.Contains("not symmetric", Assert.Throws<ArgumentException>(
            () => Decompositions.SymmetricEigen(new Matrix(2, 2, [1, 2, 3, 4]))).Message);
        Assert.Contains("(1, 0)", Assert.Throws<ArgumentException>(
            () => Decompositions.Svd(new Matrix(2, 2, [1, 2, double.NaN, 4]))).Message);
        Assert.Contains("pivot 1", Assert.Throws<ArgumentException>(
            () => Decompositions.Solve(new Matrix(2, 2, [1, 2, 2, 4]), Matrix.Identity(2))).Message);
    }

    [Fact]
    public void Algebra()
    {
        Matrix a = new(2, 2, [1, 2, 3, 4]);
        Matrix b = new(2, 2, [0, 5, 6, 7]);
        AssertClose(new Matrix(2, 2, [12, 19, 24, 43]), LinearAlgebra.Multiply(a, b), 0.0);
        AssertClose(new Matrix(2, 2, [1, 7, 9, 11]), LinearAlgebra.Add(a, b), 0.0);
        AssertClose(
            new Matrix(4, 4, [0, 5, 0, 10, 6, 7, 12, 14, 0, 15, 0, 20, 18, 21, 24, 28]), LinearAlgebra.Kronecker(a, b), 0.0);
        Assert.Equal(5.0, LinearAlgebra.Trace(a));
        Assert.Equal(Math.Sqrt(30.0), LinearAlgebra.FrobeniusNorm(a), 1e-14);
        Assert.Equal(5e200, LinearAlgebra.Norm([3e200, 4e200]), 1e186);
        Matrix q = LinearAlgebra.RandomOrthogonal(Address, 30);
        AssertClose(Matrix.Identity(30), LinearAlgebra.Multiply(q, q.Transpose()), 1e-13);
        Assert.Equal(q.Values.ToArray(), LinearAlgebra.RandomOrthogonal(Address, 30).Values.ToArray());
    }

    internal static Matrix SecondDifference(int n) =>
        Matrix.Create(n, n, (i, j) => i == j ? 2.0 : Math.Abs(i - j) == 1 ? -1.0 : 0.0);

    internal static Matrix Hilbert(int n) => Matrix.Create(n, n, (i, j) => 1.0 / (i + j + 1));

    internal static void AssertClose(Matrix expected, Matrix actual, double tolerance)
    {
        Assert.Equal((expected.Rows, expected.Columns), (actual.Rows, actual.Columns));
        double error = LinearAlgebra.MaxAbs(LinearAlgebra.Subtract(expected, actual));
        Assert.True(error <= tolerance, $"an entry is off by {error}");
    }

    private static Matrix WithSingularValues(Matrix left, double[] sigma, Matrix right) => LinearAlgebra.Product(
        left, Matrix.Create(left.Rows, right.Rows, (i, j) => i == j && i < sigma.Length ? sigma[i] : 0.0), right.Transpose());
}
