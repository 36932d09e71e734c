namespace Theory.Problems

open System
open FsCheck.FSharp
open Theory
open Theory.Numerics

/// F = (1/n) Σ F_i with a known similarity of the F_i to their mean.
type ISimilarOperator =
    inherit IFiniteSumOperator
    /// δ with (1/n) Σ ‖(F_i − F)(u) − (F_i − F)(v)‖² ≤ δ²‖u − v‖².
    abstract Similarity: float

/// Operators whose resolvents can be computed.
type IResolvent =
    inherit IFiniteSumOperator
    /// u with u + γF_i(u) = v, for worker i = 0 … n − 1; v is 1 × lanes × d.
    abstract Resolvent: worker: int -> gamma: float -> v: Block -> Block

/// F = (1/n) Σ F_i where the server holds F_1 and can solve with it alone.
type IServerOperator =
    inherit ISimilarOperator
    inherit IResolvent
    /// F_1(z).
    abstract Server: z: Block -> Block
    /// Lipschitz constant L_1 of F_1, which is monotone.
    abstract ServerLipschitz: float
    /// δ with (1/n) Σ ‖(F_i − F_1)(u) − (F_i − F_1)(v)‖² ≤ δ²‖u − v‖².
    abstract ServerSimilarity: float

/// Similar rotation blocks by a few numbers. The mean has the blocks [[μ, s_j], [−s_j, μ]] with s_j = Skew/2^j exactly.
[<NoComparison>]
type SimilarRotationSpec = {
    /// n ≥ 1; δ > 0 needs n ≥ 2.
    Workers: int
    /// m ≥ 1; the dimension is 2m.
    Blocks: int
    /// Mean of the μ_i, which is the monotonicity constant; 0 for a bilinear problem.
    Mu: float
    /// Relative deviation of the μ_i, at most 1; they stay nonnegative.
    MuSpread: float
    /// s_0 of the mean.
    Skew: float
    /// δ, exactly.
    Delta: float
    /// Whether δ is the distance to F_1, not to the mean.
    ToServer: bool
    /// Scale of the offsets b_i.
    Offset: float
    Seed: int
}

/// An affine operator with its similarity to the mean and to the first worker among the certified constants.
[<Sealed>]
type SimilarOperator(affine: AffineOperator) =
    let f = affine :> IFiniteSumOperator
    let first = affine.Matrices[0]

    // As host values, which meet blocks of any engine.
    let shift = Block.vector affine.Offsets[0]

    let apartGram =
        lazy
            (affine.Matrices
             |> Array.map (fun a ->
                 let apart = LinearAlgebra.Subtract(a, first)
                 LinearAlgebra.Multiply(apart.Transpose(), apart))
             |> Linear.mean)

    let root v = sqrt (max v 0.0)

    let serverSimilarity =
        lazy (root (Decompositions.SymmetricEigen(apartGram.Value).Values[first.Rows - 1]))

    /// The affine operator itself.
    member _.Affine = affine

    interface IAffineSum with
        member _.Matrices = affine.Matrices

    interface IServerOperator with
        member _.Server z = z.Apply first - shift
        member _.ServerLipschitz = affine.Lipschitzes[0]
        member _.ServerSimilarity = serverSimilarity.Value

    interface IResolvent with
        member _.Resolvent worker gamma v =
            let d = f.Dimension

            let shifted =
                LinearAlgebra.Combine(1.0, Matrix.Identity d, gamma, affine.Matrices[worker])

            (v + gamma * Block.vector affine.Offsets[worker]).Apply(Decompositions.Solve(shifted, Matrix.Identity d))

    interface ISimilarOperator with
        member _.Similarity = affine.Similarity

    interface IFiniteSumOperator with
        member _.Count = f.Count
        member _.Operators z = f.Operators z
        member _.OperatorAt indices z = f.OperatorAt indices z

    interface IOperator with
        member _.Operator z = f.Operator z
        member _.Solution = f.Solution
        member _.Lipschitz = f.Lipschitz
        member _.Monotonicity = f.Monotonicity

    interface IProblem with
        member _.Name = $"{f.Name}, similarity δ = {affine.Similarity:G4}"
        member _.Dimension = f.Dimension

        // Relative to L̄: the differences carry the rounding of the matrices.
        member _.Constants =
            f.Constants
            @ [
                Constant.exact
                    "deltaServer + Lbar"
                    "√λmax((1/n) Σ (A_i − A_1)ᵀ(A_i − A_1)), plus Lbar"
                    (serverSimilarity.Value + affine.MeanSquareLipschitz)
                    (fun () ->
                        root (Linear.largestByBisection apartGram.Value)
                        + OperatorConstants.meanSquareLipschitz f)
            ]

/// Builders of similar operators.
[<RequireQualifiedAccess>]
module SimilarOperators =

    let private meanSquare (values: float[]) =
        values |> Array.averageBy (fun v -> v * v)

    let private centred (values: float[]) =
        let mean = Array.average values
        values |> Array.map (fun v -> v - mean)

    /// Deviations (r_i of the μ_i, e_ij of the s_ij), of mean zero, whose mean square from the reference (their mean, or
    /// the first worker) is δ² in the block where it is largest.
    let private deviations (spec: SimilarRotationSpec) =
        let n, m = spec.Workers, spec.Blocks

        let from (values: float[]) =
            if spec.ToServer then
                meanSquare (values |> Array.map (fun v -> v - values[0]))
            else
                meanSquare values

        let real =
            let raw =
                Linear.gaussians spec.Seed 1 n
                |> Array.map (fun v -> 0.5 * spec.Mu * spec.MuSpread * tanh v)
                |> centred

            // At most half of δ² comes from the μ_i.
            let size = sqrt (2.0 * from raw)
            let scale = if size > spec.Delta then spec.Delta / size else 1.0
            raw |> Array.map ((*) scale)

        let skew =
            Array.init m (fun j -> Array.init n (fun i -> (Linear.gaussians spec.Seed (10 + i) m)[j]) |> centred)

        let largest = skew |> Array.map from |> Array.max
        let left = max 0.0 (spec.Delta ** 2.0 - from real)
        let scale = if left = 0.0 then 0.0 else sqrt (left / largest)
        real, skew |> Array.map (Array.map ((*) scale))

    let private assemble (spec: SimilarRotationSpec) (mus: float[]) (skews: float[][]) =
        let offsets =
            Array.init spec.Workers (fun i ->
                Linear.gaussians spec.Seed (100 + i) (2 * spec.Blocks)
                |> Array.map ((*) spec.Offset))

        SimilarOperator(Games.rotations mus skews offsets)

    /// n rotation blocks whose similarity (to the mean, or to F_1) is exactly the prescribed δ.
    let rotations (spec: SimilarRotationSpec) : SimilarOperator =
        if
            spec.Workers < 1
            || spec.Blocks < 1
            || not (spec.Delta >= 0.0 && Double.IsFinite spec.Delta)
        then
            invalidArg
                (nameof spec)
                $"Similar rotations need n ≥ 1, m ≥ 1 and a finite δ ≥ 0; got {spec.Workers}, {spec.Blocks}, {spec.Delta}."

        if spec.Workers = 1 && spec.Delta > 0.0 then
            invalidArg (nameof spec) $"One worker is its own mean: δ = {spec.Delta} needs n ≥ 2."

        let real, skew = deviations spec

        assemble
            spec
            (real |> Array.map (fun r -> spec.Mu + r))
            (Array.init spec.Workers (fun i ->
                Array.init spec.Blocks (fun j -> spec.Skew * 0.5 ** float j + skew[j].[i])))

    /// The same rotation `skew` (one number per block) added to the operators of all workers, or of the last one only.
    let addSkew (everyone: bool) (skew: float[]) (f: SimilarOperator) : SimilarOperator =
        let affine = f.Affine
        let last = affine.Matrices.Length - 1
        let mus = affine.Matrices |> Array.map (fun a -> a[0, 0])

        let skews =
            affine.Matrices
            |> Array.mapi (fun i a ->
                skew
                |> Array.mapi (fun j s -> a[2 * j, 2 * j + 1] + (if everyone || i = last then s else 0.0)))

        SimilarOperator(Games.rotations mus skews affine.Offsets)

    /// The same problem with F_1 = 0: a server without an operator of its own.
    let emptyServer (f: SimilarOperator) : SimilarOperator =
        let affine = f.Affine
        let d = affine.Matrices[0].Rows

        let without i value zero = if i = 0 then zero else value

        SimilarOperator(
            AffineOperator(
                (f :> IProblem).Name + ", F_1 = 0",
                affine.Matrices
                |> Array.mapi (fun i a -> without i a (Matrix(d, d, Array.zeroCreate (d * d)))),
                affine.Offsets |> Array.mapi (fun i b -> without i b (Array.zeroCreate d)),
                []
            )
        )

    /// Specifications with 2 to `maxWorkers` workers and strongly monotone mean; δ from far below μ to above L.
    let generator maxWorkers maxBlocks toServer : FsCheck.Gen<SimilarRotationSpec> =
        gen {
            let! workers = Gen.choose (2, max 2 maxWorkers)
            let! blocks = Gen.choose (1, maxBlocks)
            let! mu = Gen.elements [ 0.01; 0.1; 1.0 ]
            let! muSpread = Gen.elements [ 0.0; 0.5; 1.0 ]
            let! skew = Gen.elements [ 0.1; 1.0; 10.0 ]
            let! delta = Gen.elements [ 0.01; 0.1; 1.0; 3.0 ]
            let! offset = Gen.elements [ 0.0; 1.0; 3.0 ]
            let! seed = Gen.choose (0, 10000)

            return {
                Workers = workers
                Blocks = blocks
                Mu = mu
                MuSpread = muSpread
                Skew = skew
                Delta = delta
                ToServer = toServer
                Offset = offset
                Seed = seed
            }
        }

    /// Smaller specifications.
    let shrink (spec: SimilarRotationSpec) : SimilarRotationSpec seq =
        seq {
            if spec.Workers > 2 then
                { spec with Workers = spec.Workers - 1 }

            if spec.Blocks > 1 then
                { spec with Blocks = spec.Blocks - 1 }

            if spec.MuSpread > 0.0 then
                { spec with MuSpread = 0.0 }

            if spec.Offset > 0.0 then
                { spec with Offset = 0.0 }

            if spec.Seed > 0 then
                { spec with Seed = spec.Seed / 2 }
        }

    /// Generated specifications, as a claim's instances.
    let instances maxWorkers maxBlocks toServer : Instances<SimilarRotationSpec> =
        Instances.generated (generator maxWorkers maxBlocks toServer) shrink
