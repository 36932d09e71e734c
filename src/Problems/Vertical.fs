namespace Theory.Problems

open System
open FsCheck.FSharp
open Theory
open Theory.Numerics

/// The saddle min over (x, z), max over y of ℓ(z) + Σ_i r_i(x_i) + ⟨y, Σ_i A_ix_i − z⟩ on v = (x, z, y): party i holds m
/// samples of its own features A_i and their weights x_i; z and y (m numbers each) live at the server with the labels.
/// Parties send A_ix_i and receive y; everything else is computed where it lies.
type IVerticalOperator =
    inherit IOperator
    /// Number of parties.
    abstract Parties: int
    /// m.
    abstract Samples: int
    /// d_i of each party; x is the parties' weights one after another.
    abstract PartyDimensions: int[]
    /// A_ix_i of every party at v: parties × lanes × m.
    abstract Predictions: Block -> Block
    /// What needs no message: (∇r_i(x_i))_i, ∇ℓ(z) − y, z.
    abstract Local: Block -> Block
    /// What messages make: ((A_iᵀŷ_i)_i, 0, −Σ p̂_i) of received predictions p̂ (parties × lanes × m) and duals ŷ (1 or
    /// parties × lanes × m). F(v) = Local v + Coupled (Predictions v) y.
    abstract Coupled: predictions: Block -> duals: Block -> Block
    /// The least C with E‖F̂(u) − F̂(w)‖² ≤ C²‖u − w‖², when the differences of A_ix_i and y are sent by RandK, each party's
    /// and y's coordinates drawn apart.
    abstract MessageLipschitz: k: int -> float

/// A vertical split by a few numbers.
[<NoComparison>]
type VerticalSpec = {
    /// m ≥ 2.
    Samples: int
    /// Parties, at most the number of features.
    Parties: int
    /// d: the parties' shares differ by at most one.
    Features: int
    /// λ of the ridge penalty.
    Lambda: float
    /// Scale of the data matrix.
    Scale: float
    Seed: int
}

/// Ridge regression split by features: ℓ(z) = ‖z − b‖²/(2m), r_i = (λ/2)‖·‖².
[<Sealed>]
type VerticalRegression(spec: VerticalSpec) =
    let m, d, parties = spec.Samples, spec.Features, spec.Parties

    do
        if m < 2 || parties < 1 || d < parties || not (spec.Lambda > 0.0) then
            invalidArg (nameof spec) $"A vertical split needs m ≥ 2, d ≥ parties ≥ 1 and λ > 0; got {spec}."

    let size = d + 2 * m

    let data =
        Matrix(m, d, Linear.gaussians spec.Seed 1 (m * d) |> Array.map ((*) spec.Scale))

    let labels = Linear.gaussians spec.Seed 2 m
    // Party i holds the features [d·i/parties, d·(i+1)/parties).
    let owner = Array.init d (fun j -> ((j + 1) * parties - 1) / d)

    /// A_i in its columns, zero elsewhere.
    let parts =
        Array.init parties (fun i -> Matrix.Create(m, d, (fun r c -> if owner[c] = i then data[r, c] else 0.0)))

    let inverse = 1.0 / float m

    let jacobian =
        Matrix.Create(
            size,
            size,
            fun i j ->
                if i < d then
                    if i = j then spec.Lambda
                    elif j >= d + m then data[j - d - m, i]
                    else 0.0
                elif i < d + m then
                    if i = j then inverse
                    elif j = i + m then -1.0
                    else 0.0
                elif j < d then
                    -data[i - d - m, j]
                elif j = i - m then
                    1.0
                else
                    0.0
        )

    let offset =
        Array.init size (fun i -> if i >= d && i < d + m then inverse * labels[i - d] else 0.0)

    let affine =
        AffineOperator(
            $"saddle of a ridge regression, {m} samples, {parties} parties",
            [| jacobian |],
            [| offset |],
            []
        )

    let whole = affine :> IOperator

    let top (a: Matrix) =
        Decompositions.SymmetricEigen(a).Values[a.Rows - 1]

    let gram = LinearAlgebra.Multiply(data, data.Transpose())
    let largest = top gram

    let x (v: Block) = v.SliceDimension(0, d)
    let z (v: Block) = v.SliceDimension(d, m)
    let y (v: Block) = v.SliceDimension(d + m, m)
    let target = Block.vector labels

    /// E ĴᵀĴ − JᵀJ: RandK on m coordinates has E QMQ = (m/K)(sM + (1−s) diag M), s = (K−1)/(m−1).
    let excess k =
        let ratio = float m / float k
        let s = float (k - 1) / float (m - 1)

        Matrix.Create(
            size,
            size,
            fun i j ->
                if i < d && j < d && owner[i] = owner[j] then
                    (ratio - 1.0) * Seq.sum (Seq.init m (fun r -> data[r, i] * data[r, j]))
                elif i >= d + m && j >= d + m then
                    let value = gram[i - d - m, j - d - m]
                    (ratio * (if i = j then 1.0 else s) - 1.0) * value
                else
                    0.0
        )

    let coupled (predictions: Block) (duals: Block) =
        // Every party's transposed matrix is zero outside its own features.
        let mine = Block.sum (duals.Apply(parts, true))
        let sum = Block.sum predictions
        Block.ConcatDimension(mine, 0.0 * sum, -sum)

    let local v =
        Block.ConcatDimension(spec.Lambda * x v, inverse * (z v - target) - y v, z v)

    let predictions v = (x v).Apply parts

    /// The specification.
    member _.Spec = spec
    /// A = (A_1 … A_p), m × d.
    member _.Data = data
    /// b.
    member _.Labels = labels
    /// The saddle operator with its matrix.
    member _.Affine = affine
    /// λmax(AAᵀ).
    member _.LargestSquare = largest
    /// L_ℓ = 1/m.
    member _.LossSmoothness = inverse
    /// max{L_ℓ, L_r} + √(λmax(AAᵀ) + 1) ≥ L.
    member _.LipschitzBound = max inverse spec.Lambda + sqrt (largest + 1.0)

    /// The Hessian AᵀA/m + λI of the problem in x alone.
    member _.Hessian =
        LinearAlgebra.Combine(inverse, LinearAlgebra.Multiply(data.Transpose(), data), spec.Lambda, Matrix.Identity d)

    /// The ridge solution (AᵀA/m + λI)⁻¹Aᵀb/m.
    member this.Weights: float[] =
        let right =
            LinearAlgebra.Multiply(data.Transpose(), Matrix(m, 1, Array.map ((*) inverse) labels))

        Decompositions.Solve(this.Hessian, right).Values.ToArray()

    interface IVerticalOperator with
        member _.Parties = parties
        member _.Samples = m

        member _.PartyDimensions =
            Array.init parties (fun i -> owner |> Array.filter ((=) i) |> Array.length)

        member _.Predictions v = predictions v
        member _.Local v = local v
        member _.Coupled predictions duals = coupled predictions duals

        member _.MessageLipschitz k =
            sqrt (top (LinearAlgebra.Add(LinearAlgebra.Multiply(jacobian.Transpose(), jacobian), excess k)))

    interface IOperator with
        member _.Operator v = local v + coupled (predictions v) (y v)

        member _.Solution = whole.Solution
        member _.Lipschitz = whole.Lipschitz
        // y has no curvature of its own.
        member _.Monotonicity = 0.0

    interface IProblem with
        member _.Name = whole.Name
        member _.Dimension = size

        member _.Constants = [
            Constant.exact "L" "largest singular value of the saddle's matrix" whole.Lipschitz (fun () ->
                sqrt (Linear.largestByBisection (LinearAlgebra.Multiply(jacobian.Transpose(), jacobian))))
            Constant.exact "lambda_max(AA^T)" "largest eigenvalue" largest (fun () -> Linear.largestByBisection gram)
        ]

/// Generated vertical splits.
[<RequireQualifiedAccess>]
module VerticalSpec =

    /// Splits with at most the given numbers of samples, parties and features.
    let generator maxSamples maxParties maxFeatures : FsCheck.Gen<VerticalSpec> =
        gen {
            let! samples = Gen.choose (2, maxSamples)
            let! parties = Gen.choose (1, maxParties)
            let! features = Gen.choose (parties, max parties maxFeatures)
            let! lambda = Gen.elements [ 0.01; 0.1; 1.0 ]
            let! scale = Gen.elements [ 0.3; 1.0; 3.0 ]
            let! seed = Gen.choose (0, 10000)

            return {
                Samples = samples
                Parties = parties
                Features = features
                Lambda = lambda
                Scale = scale
                Seed = seed
            }
        }

    /// Smaller splits.
    let shrink (spec: VerticalSpec) : VerticalSpec seq =
        seq {
            if spec.Samples > 2 then
                { spec with Samples = spec.Samples - 1 }

            if spec.Features > spec.Parties then
                {
                    spec with
                        Features = spec.Features - 1
                }

            if spec.Parties > 1 then
                { spec with Parties = spec.Parties - 1 }

            if spec.Scale <> 1.0 then
                { spec with Scale = 1.0 }

            if spec.Seed > 0 then
                { spec with Seed = spec.Seed / 2 }
        }

    /// Vertical splits as a claim's instances.
    let instances maxSamples maxParties maxFeatures =
        Instances.generated (generator maxSamples maxParties maxFeatures) shrink
