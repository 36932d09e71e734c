namespace Theory.Problems

open System
open FsCheck.FSharp
open Theory
open Theory.Numerics

/// f = (1/M) Σ f_m over devices whose first is the server itself: it knows f_1 and solves its own proximal problems.
type IServerSum =
    inherit IFiniteSum
    /// δ with ‖∇(f_m − f)(x) − ∇(f_m − f)(y)‖ ≤ δ‖x − y‖ for every m.
    abstract Similarity: float
    /// ∇f_1(x).
    abstract ServerGradient: Block -> Block
    /// argmin_x ⟨t, x⟩ + ‖x − c‖²/(2θ) + f_1(x); 1/θ must exceed f_1's negative curvature.
    abstract ServerStep: theta: float -> t: Block -> c: Block -> Block

/// Similar quadratics whose first function is the server's.
[<Sealed>]
type ServerQuadratic(similar: SimilarQuadratic) =
    inherit ForwardedSum(similar)

    let f = similar :> IFiniteSum
    let first = similar.Quadratic.Matrices[0]
    let resolvents = Resolvents first

    let shift =
        Block.vector (LinearAlgebra.Multiply(first, ReadOnlySpan similar.Quadratic.Centres[0]))

    /// The quadratics.
    member _.Similar = similar

    override _.Title = $"{f.Name}, the first function at the server"

    interface IServerSum with
        member _.Similarity = similar.Similarity
        member _.ServerGradient x = x.Apply first - shift

        member _.ServerStep theta t c =
            (c - theta * t + theta * shift).Apply(resolvents.At theta)

/// Similar quadratics around a server, by a few numbers.
[<NoComparison>]
type ServerSpec = {
    /// M ≥ 1; one device is its own mean, so δ = 0.
    Workers: int
    /// d ≥ 1.
    Dimension: int
    /// Least eigenvalue of the mean, positive.
    Mu: float
    /// Largest eigenvalue of the mean, at least μ.
    Smoothness: float
    /// δ = max_m ‖A_m − Ā‖; above μ the f_m may be nonconvex.
    Delta: float
    /// Scale of the centres.
    Spread: float
    Seed: int
}

/// Builders of sums around a server.
[<RequireQualifiedAccess>]
module ServerSums =

    /// The quadratics of a specification, spectrum of the mean geometric from μ to L.
    let quadratic (spec: ServerSpec) : ServerQuadratic =
        if not (spec.Mu > 0.0 && spec.Smoothness >= spec.Mu) then
            invalidArg (nameof spec) $"A strongly convex sum needs 0 < μ ≤ L; got {spec.Mu}, {spec.Smoothness}."

        let spectrum =
            if spec.Dimension = 1 then
                [| spec.Mu |]
            else
                Linear.geometric spec.Mu spec.Smoothness spec.Dimension

        let delta = if spec.Workers = 1 then 0.0 else spec.Delta
        ServerQuadratic(Similar.withSpectrum spectrum spec.Workers delta spec.Spread spec.Seed)

    /// Specifications with 2 to the given number of devices and δ from below μ to far above it.
    let generator maxWorkers maxDimension : FsCheck.Gen<ServerSpec> =
        gen {
            let! workers = Gen.choose (2, maxWorkers)
            let! dimension = Gen.choose (2, maxDimension)
            let! mu = Gen.elements [ 0.01; 0.1; 1.0 ]
            let! smoothness = Gen.elements [ 1.0; 10.0 ]
            let! delta = Gen.elements [ 0.3; 1.0; 3.0 ]
            let! seed = Gen.choose (0, 10000)

            return {
                Workers = workers
                Dimension = dimension
                Mu = mu
                Smoothness = smoothness
                Delta = delta
                Spread = 1.0
                Seed = seed
            }
        }

    /// Smaller specifications.
    let shrink (spec: ServerSpec) : ServerSpec seq =
        seq {
            if spec.Workers > 2 then
                { spec with Workers = spec.Workers - 1 }

            if spec.Dimension > 2 then
                {
                    spec with
                        Dimension = spec.Dimension - 1
                }

            if spec.Spread > 0.0 then
                { spec with Spread = 0.0 }

            if spec.Seed > 0 then
                { spec with Seed = spec.Seed / 2 }
        }

    /// Specifications as a claim's instances.
    let instances maxWorkers maxDimension : Instances<ServerSpec> =
        Instances.generated (generator maxWorkers maxDimension) shrink
