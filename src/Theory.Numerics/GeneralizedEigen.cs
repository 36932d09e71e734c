namespace Theory.Numerics;

/// <summary>
/// The largest λ with A·v = λ·B·v for symmetric A and B ⪰ 0, over the range of B: the supremum of ⟨x, Ax⟩/⟨x, Bx⟩ there.
/// </summary>
/// <param name="Value">λ over the range of B.</param>
/// <param name="Vector">v in the range of B with ⟨v, Bv⟩ = 1 and ⟨v, Av⟩ = λ.</param>
/// <param name="Rank">The rank of B.</param>
/// <param name="NullDefect">‖A·N‖₂ over an orthonormal basis N of the null space of B; 0 where that is trivial.</param>
/// <param name="NullVector">The unit vector of the null space of B that A moves most; null where it is trivial.</param>
/// <param name="VanishesOnNullSpace">True where the defect is no more than rounding.</param>
public sealed record GeneralizedEigen(
    double Value,
    IReadOnlyList<double> Vector,
    int Rank,
    double NullDefect,
    IReadOnlyList<double>? NullVector,
    bool VanishesOnNullSpace)
{
    /// <summary>
    /// For A ⪰ 0, the supremum of ⟨x, Ax⟩/⟨x, Bx⟩ over all x with Bx ≠ 0: <see cref="Value"/> if A vanishes on the null
    /// space of B, +∞ otherwise.
    /// </summary>
    public double Supremum => VanishesOnNullSpace ? Value : double.PositiveInfinity;
}

public static partial class Decompositions
{
    /// <summary>
    /// The largest generalized eigenvalue of (A, B) with A symmetric and B ⪰ 0. With B = U·diag(β)·Uᵀ over the eigenvalues
    /// β above the threshold, it is the largest eigenvalue of β^(−½)·UᵀAU·β^(−½).
    /// </summary>
    /// <param name="a">Symmetric.</param>
    /// <param name="b">Symmetric and positive semidefinite, not zero.</param>
    /// <param name="tolerance">
    /// Eigenvalues of B below tolerance·λmax(B) count as zero; n·ε by default. A vanishes on the null space if it maps
    /// it to no more than 8·tolerance·‖A‖·λmax(B)/λmin⁺(B), which is how far rounding in B can turn that space.
    /// </param>
    /// <exception cref="ArgumentException">The matrices do not fit, are not symmetric, or B is indefinite or zero.</exception>
    public static GeneralizedEigen GeneralizedEigen(Matrix a, Matrix b, double? tolerance = null)
    {
        Matrix numerator = Dense.RequireSymmetric(a, nameof(a));
        SymmetricEigen eigen = SymmetricEigen(b);
        if (a.Rows != b.Rows)
        {
            throw new ArgumentException($"Matrices of {a.Rows} and {b.Rows} rows have no generalized eigenvalues.", nameof(b));
        }

        int n = b.Rows;
        double[] beta = NonNegative(eigen, tolerance, nameof(b));
        double threshold = Dense.Threshold(n, n, beta[^1], tolerance);
        int nullity = beta.Count(v => v <= threshold);
        if (nullity == n)
        {
            throw new ArgumentException("B is zero, so no eigenvalue is defined.", nameof(b));
        }

        Matrix basis = Matrix.Create(n, n - nullity, (i, j) => eigen.Vectors[i, nullity + j] / Math.Sqrt(beta[nullity + j]));
        SymmetricEigen reduced = SymmetricEigen(LinearAlgebra.Symmetrise(
            LinearAlgebra.Product(basis.Transpose(), numerator, basis)));
        double[] vector = LinearAlgebra.Multiply(basis, LinearAlgebra.Column(reduced.Vectors, n - nullity - 1));
        (double defect, double[]? witness) = NullDefect(numerator, eigen.Vectors, nullity);
        double allowed = 8.0 * Dense.Threshold(n, n, LinearAlgebra.FrobeniusNorm(numerator), tolerance) * beta[^1] / beta[nullity];
        return new GeneralizedEigen(reduced.Values[^1], vector, n - nullity, defect, witness, defect <= allowed);
    }

    /// <summary>The norm of A on the span of the first columns, and the unit vector where it is taken.</summary>
    private static (double Defect, double[]? Vector) NullDefect(Matrix a, Matrix vectors, int nullity)
    {
        if (nullity == 0)
        {
            return (0.0, null);
        }

        Matrix basis = Matrix.Create(a.Rows, nullity, (i, j) => vectors[i, j]);
        SingularValues svd = Svd(LinearAlgebra.Multiply(a, basis));
        return (svd.Values[0], LinearAlgebra.Multiply(basis, LinearAlgebra.Column(svd.Right, 0)));
    }
}
