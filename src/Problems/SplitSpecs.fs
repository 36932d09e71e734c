namespace Theory.Problems

open System
open FsCheck.FSharp
open Theory
open Theory.Numerics

/// A split by a few numbers.
[<NoComparison>]
type SplitSpec = {
    /// d ≥ 1.
    Dimension: int
    /// Least eigenvalue of H_p + H_q; 0 is allowed.
    Mu: float
    /// ‖H_p‖, larger where r would else have more than μ; for operators ‖A_P‖ likewise.
    SmoothnessP: float
    /// Largest eigenvalue of H_q before it is shifted; for operators the size of Q's skew part too.
    SmoothnessQ: float
    /// Diagonal H_p and H_q, H_p's eigenvalues a grid on [−L_p, L_p]: d problems of one dimension at once.
    Commuting: bool
    /// Scale of the solution and of ∇p there.
    Spread: float
    Seed: int
}

/// Builders of splits.
[<RequireQualifiedAccess>]
module Splits =

    let private check (spec: SplitSpec) =
        if
            spec.Dimension < 1
            || not (spec.Mu >= 0.0 && spec.SmoothnessP >= 0.0 && spec.SmoothnessQ >= 0.0)
        then
            invalidArg
                (nameof spec)
                $"A split needs d ≥ 1 and μ, L_p, L_q ≥ 0; got {spec.Dimension}, {spec.Mu}, {spec.SmoothnessP}, {spec.SmoothnessQ}."

    let private vector (spec: SplitSpec) site =
        Linear.gaussians spec.Seed site spec.Dimension |> Array.map ((*) spec.Spread)

    let private scaled (size: float) (norm: float) (m: Matrix) =
        LinearAlgebra.Scale((if norm = 0.0 then 0.0 else size / norm), m)

    let private gaussian (spec: SplitSpec) site =
        Matrix(spec.Dimension, spec.Dimension, Linear.gaussians spec.Seed site (spec.Dimension * spec.Dimension))

    /// Adds a multiple of I to q's matrix where the sum has less than μ; takes one from p's where it has more, so that q
    /// stays convex.
    let private shifted mu (p: Matrix) (q: Matrix) =
        let sum = LinearAlgebra.Symmetrise(LinearAlgebra.Add(p, q))
        let excess = Decompositions.SymmetricEigen(sum).Values[0] - mu

        let less (m: Matrix) c =
            LinearAlgebra.Combine(1.0, m, -c, Matrix.Identity m.Rows)

        if excess > 0.0 then less p excess, q else p, less q excess

    /// Eigenvalues of H_p on a grid and of H_q from what μ needs up to L_q above it; every second direction needs no more
    /// than μ.
    let private diagonals (spec: SplitSpec) =
        let d = spec.Dimension

        let p =
            Array.init d (fun j ->
                if d = 1 then
                    -spec.SmoothnessP
                else
                    spec.SmoothnessP * (2.0 * float j / float (d - 1) - 1.0))

        let extra = Linear.geometric 1e-3 1.0 d |> Array.map ((*) spec.SmoothnessQ)

        let q =
            Array.init d (fun j -> max 0.0 (spec.Mu - p[j]) + (if j % 2 = 0 then 0.0 else extra[j]))

        LinearAlgebra.Diagonal p, LinearAlgebra.Diagonal q

    let private matrices (spec: SplitSpec) =
        if spec.Commuting then
            diagonals spec
        else
            let raw = LinearAlgebra.Symmetrise(gaussian spec 0)
            let p = scaled spec.SmoothnessP (Decompositions.SpectralNorm raw) raw
            let d = spec.Dimension
            // One direction in which q is flat.
            let spectrum =
                Array.init d (fun j ->
                    if j = 0 then
                        0.0
                    else
                        spec.SmoothnessQ * float j / float (d - 1))

            shifted spec.Mu p (LinearAlgebra.FromSpectrum(Linear.rotation spec.Seed 1 d, ReadOnlySpan spectrum))

    /// The quadratic split of a specification: λmin(H_p + H_q) = μ (at least μ where the matrices commute).
    let quadratic (spec: SplitSpec) : QuadraticSplit =
        check spec
        let p, q = matrices spec

        QuadraticSplit(
            $"split quadratic, d = {spec.Dimension}, μ = {spec.Mu:G3}, L_p ≈ {spec.SmoothnessP:G3}, L_q ≈ {spec.SmoothnessQ:G3}",
            p,
            q,
            vector spec 2,
            vector spec 3
        )

    /// The affine split of a specification: P random of norm L_p, Q a skew part and a singular positive semidefinite one, μ
    /// exact.
    let affine (spec: SplitSpec) : AffineSplit =
        check spec
        let raw = gaussian spec 10
        let p = scaled spec.SmoothnessP (Decompositions.SpectralNorm raw) raw
        let d = spec.Dimension
        let g = gaussian spec 11

        let skew =
            let s = LinearAlgebra.Subtract(g, g.Transpose())
            scaled spec.SmoothnessQ (Decompositions.SpectralNorm s) s

        let flat =
            LinearAlgebra.FromSpectrum(
                Linear.rotation spec.Seed 12 d,
                ReadOnlySpan(Array.init d (fun j -> if j = 0 then 0.0 else 0.3 * spec.SmoothnessQ))
            )

        let p, q = shifted spec.Mu p (LinearAlgebra.Add(skew, flat))

        AffineSplit(
            $"split operator, d = {d}, μ = {spec.Mu:G3}, L_p ≈ {spec.SmoothnessP:G3}, L_q ≈ {spec.SmoothnessQ:G3}",
            p,
            q,
            vector spec 13,
            vector spec 14
        )

    /// Specifications up to a dimension; `mus` to choose μ from.
    let generator (mus: float list) maxDimension : FsCheck.Gen<SplitSpec> =
        gen {
            let! dimension = Gen.choose (1, maxDimension)
            let! mu = Gen.elements mus
            let! lp = Gen.elements [ 0.3; 1.0; 3.0 ]
            let! lq = Gen.elements [ 0.0; 1.0; 30.0; 1000.0 ]
            let! commuting = Gen.elements [ true; false ]
            let! spread = Gen.elements [ 0.0; 1.0 ]
            let! seed = Gen.choose (0, 10000)

            return {
                Dimension = dimension
                Mu = mu
                SmoothnessP = lp
                SmoothnessQ = lq
                Commuting = commuting
                Spread = spread
                Seed = seed
            }
        }

    /// Smaller specifications.
    let shrink (spec: SplitSpec) : SplitSpec seq =
        seq {
            if spec.Dimension > 1 then
                {
                    spec with
                        Dimension = spec.Dimension - 1
                }

            if spec.SmoothnessQ > 1.0 then
                { spec with SmoothnessQ = 1.0 }

            if spec.Spread > 0.0 then
                { spec with Spread = 0.0 }

            if spec.Seed > 0 then
                { spec with Seed = spec.Seed / 2 }
        }

    /// Specifications as a claim's instances.
    let instances (mus: float list) maxDimension : Instances<SplitSpec> =
        Instances.generated (generator mus maxDimension) shrink
