namespace Theory.Problems

open System
open Theory
open Theory.Numerics

/// Distances between Gaussian laws N(m, S), S positive definite, in closed form. Each is written as a sum of nonnegative
/// terms, so that nothing cancels when the laws nearly agree.
[<RequireQualifiedAccess>]
module Gaussians =

    /// The law N(mean, covariance).
    let law (mean: float[]) (covariance: Matrix) : StateLaw = {
        Mean = mean
        Covariance = covariance.ToArray()
    }

    /// The covariance as a matrix, symmetric to the last bit.
    let covariance (p: StateLaw) : Matrix =
        let d = p.Mean.Length
        LinearAlgebra.Symmetrise(Matrix.Create(d, d, (fun i j -> p.Covariance[i, j])))

    /// g(S) for a symmetric S, by its eigenvalues.
    let ofEigenvalues (g: float -> float) (s: Matrix) : Matrix =
        let eigen = Decompositions.SymmetricEigen s
        LinearAlgebra.FromSpectrum(eigen.Vectors, ReadOnlySpan(eigen.Values |> Seq.map g |> Array.ofSeq))

    let private squareRoot = ofEigenvalues (fun v -> sqrt (max v 0.0))
    let private inverse = ofEigenvalues (fun v -> 1.0 / v)
    let private inverseRoot = ofEigenvalues (fun v -> 1.0 / sqrt v)
    let private squared (values: float[]) = values |> Array.sumBy (fun v -> v * v)

    let private product (factors: Matrix list) =
        factors |> List.reduce (fun a b -> LinearAlgebra.Multiply(a, b))

    let private shift (p: StateLaw) (q: StateLaw) = Array.map2 (-) p.Mean q.Mean

    let private apply (a: Matrix) (x: float[]) =
        LinearAlgebra.Multiply(a, ReadOnlySpan x)

    /// W2(p, q)² = ‖m‖² + min over orthogonal U of ‖S1^½ − S2^½U‖², the Procrustes form of the Gelbrich formula.
    let wassersteinSquared (p: StateLaw) (q: StateLaw) : float =
        let r1, r2 = squareRoot (covariance p), squareRoot (covariance q)
        let u = Decompositions.PolarFactor(LinearAlgebra.Multiply(r2, r1))

        squared (shift p q)
        + LinearAlgebra.FrobeniusNorm(LinearAlgebra.Subtract(r1, LinearAlgebra.Multiply(r2, u)))
          ** 2.0

    /// W2(p, q).
    let wasserstein (p: StateLaw) (q: StateLaw) : float = sqrt (wassersteinSquared p q)

    /// W2(p, q)² as it is usually printed: ‖m‖² + tr(S1 + S2 − 2(S2^½ S1 S2^½)^½). It cancels for close laws.
    let gelbrich (p: StateLaw) (q: StateLaw) : float =
        let s1, s2 = covariance p, covariance q
        let r2 = squareRoot s2
        let cross = squareRoot (LinearAlgebra.Symmetrise(product [ r2; s1; r2 ]))

        squared (shift p q) + LinearAlgebra.Trace s1 + LinearAlgebra.Trace s2
        - 2.0 * LinearAlgebra.Trace cross

    /// δ − ln(1 + δ), without cancellation.
    let private excess (delta: float) =
        if abs delta < 1e-3 then
            delta
            * delta
            * (0.5 - delta * (1.0 / 3.0 - delta * (0.25 - delta * (0.2 - delta / 6.0))))
        else
            delta - log (1.0 + delta)

    /// KL(p | q) = ½[Σ (r_i − 1 − ln r_i) + mᵀS2⁻¹m], r_i the eigenvalues of S2^(−½)S1S2^(−½).
    let kullbackLeibler (p: StateLaw) (q: StateLaw) : float =
        let s1, s2 = covariance p, covariance q
        let root = inverseRoot s2

        let difference =
            LinearAlgebra.Symmetrise(product [ root; LinearAlgebra.Subtract(s1, s2); root ])

        let deltas = Decompositions.SymmetricEigen(difference).Values
        0.5 * ((deltas |> Seq.sumBy excess) + squared (apply root (shift p q)))

    /// The relative Fisher information J(p | q) = ‖S2⁻¹m‖² + tr[(S2⁻¹ − S1⁻¹)S1(S2⁻¹ − S1⁻¹)].
    let fisher (p: StateLaw) (q: StateLaw) : float =
        let s1, s2 = covariance p, covariance q
        let precision = inverse s2
        let part = product [ precision; LinearAlgebra.Subtract(s1, s2); inverseRoot s1 ]
        squared (apply precision (shift p q)) + LinearAlgebra.FrobeniusNorm part ** 2.0

    /// The affinity ∫√(pq) = det(S1)^¼ det(S2)^¼ det((S1+S2)/2)^(−½) exp(−⅛ mᵀ((S1+S2)/2)⁻¹m).
    let affinity (p: StateLaw) (q: StateLaw) : float =
        let s1, s2 = covariance p, covariance q
        let middle = LinearAlgebra.Combine(0.5, s1, 0.5, s2)

        let logDet (s: Matrix) =
            Decompositions.SymmetricEigen(s).Values |> Seq.sumBy log

        let m = shift p q

        let distance =
            LinearAlgebra.Dot(ReadOnlySpan m, ReadOnlySpan(apply (inverse middle) m))

        exp (0.25 * (logDet s1 + logDet s2) - 0.5 * logDet middle - distance / 8.0)

    /// P(ξ ≤ t) for ξ ~ N(0, 1).
    let cumulative (t: float) : float =
        MathNet.Numerics.Distributions.Normal.CDF(0.0, 1.0, t)

    /// E‖A(x − b)‖² under p: ‖A(m − b)‖² + tr(A S A) for symmetric A.
    let meanSquaredGradient (a: Matrix) (b: float[]) (p: StateLaw) : float =
        let part = LinearAlgebra.Multiply(a, squareRoot (covariance p))

        squared (apply a (Array.map2 (-) p.Mean b))
        + LinearAlgebra.FrobeniusNorm part ** 2.0
