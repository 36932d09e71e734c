/// What the claims of EF-BV are checked on: quadratics, and compressors of every class C(η, ω).
module Theory.Algorithms.CommunicationEfficient.EFBVInstances

open FsCheck.FSharp
open Theory
open Theory.Numerics
open Theory.Problems
open Theory.Algorithms
open Theory.Algorithms.CommunicationEfficient.Compressors
open Theory.Algorithms.CommunicationEfficient.CompressorCombinations
open Theory.Algorithms.CommunicationEfficient.JointCompression
open Theory.Algorithms.CommunicationEfficient.EFBVMethod

/// Quadratics, a compressor and its scales.
[<NoComparison>]
type ScaleSpec = {
    Workers: int
    Dimension: int
    /// Condition number of every A_i.
    Kappa: float
    /// Indefinite A_i around the mean diag(1, …, 0.02) (κ is not used): f is PL, the f_i are not convex.
    Indefinite: bool
    /// "mask": t·Rand-k; "common": the same mask on all workers; "nice": participation of k workers; "top": Top-k; "comp":
    /// comp-(k, k+1); "mix": mix-(k, 1).
    Compressor: string
    K: int
    /// tk/d ∈ (0, 1] of a mask: 1 is unbiased, k/d is x on the subset.
    Kept: float
    /// λ and ν as multiples of λ* and ν*, cut at 1; λ < 2λ* is r < 1.
    LambdaShare: float
    NuShare: float
    Seed: int
}

/// The compressor of an instance.
let compressorOf (spec: ScaleSpec) : JointCompressor =
    let mask () =
        let t = spec.Kept * float spec.Dimension / float spec.K
        // As a scaled contractive Rand-k: η = 1 − tk/d, ω = t²(k/d)(1 − k/d).
        scaled t (contractiveRandK spec.K)

    match spec.Compressor with
    | "mask" -> independent (mask ())
    | "common" -> common (mask ())
    | "nice" -> nice spec.K spec.Workers
    | "top" -> independent (topK spec.K)
    | "comp" -> independent (comp spec.K (spec.K + 1))
    | "mix" -> independent (mix spec.K 1)
    | other -> invalidArg (nameof spec) $"There is no compressor '{other}'."

/// Whether one outcome of the compressor is a linear map.
let isLinear (spec: ScaleSpec) =
    match spec.Compressor with
    | "mask"
    | "common"
    | "nice" -> true
    | _ -> false

/// k within what the compressor allows, r < 1, and few enough outcomes.
let valid (spec: ScaleSpec) =
    let fits =
        match spec.Compressor with
        | "nice" -> spec.K <= spec.Workers
        | "comp"
        | "mix" -> spec.K < spec.Dimension
        | _ -> spec.K <= spec.Dimension

    let scale = bestScales (compressorOf spec) spec.Workers spec.Dimension

    fits
    && (not spec.Indefinite || spec.Dimension > 1)
    && residual spec.Dimension {
        scale with
            Lambda = min 1.0 (spec.LambdaShare * scale.Lambda)
    }
        <
        1.0

/// f of an instance.
let functionOf (spec: ScaleSpec) : IFiniteSum =
    if spec.Indefinite then
        Quadratic.indefinite spec.Workers spec.Dimension spec.Seed
    else
        Quadratic.distributed {
            Workers = spec.Workers
            Dimension = spec.Dimension
            Kappa = spec.Kappa
            Spread = 3.0
            Seed = spec.Seed
        }

/// λ and ν of an instance, no stepsize yet.
let scalesOf (spec: ScaleSpec) : Parameters =
    let best = bestScales (compressorOf spec) spec.Workers spec.Dimension

    {
        best with
            Lambda = min 1.0 (spec.LambdaShare * best.Lambda)
            Nu = min 1.0 (spec.NuShare * best.Nu)
    }

/// E measure(s⁺) + paid(s) ≤ bound(s): for every state when the step is affine, else from many states at distances of about
/// `reach` from the solution and the worst that a search finds. What is paid stands with the measure: a difference on the
/// right could cancel.
let private paying
    reach
    ctx
    linear
    proc
    (f: IFiniteSum)
    (centre: State)
    (measure: State -> Block)
    (paid: State -> Block)
    (bound: State -> Block)
    =
    if linear then
        Spectral.oneStep {
            Process = proc
            Centre = centre
            Keeps = None
            Measure = measure
            Bound = fun s -> bound s - paid s
            Relation = Relation.AtMost
            MatchMoments = false
        }
    else
        let lanes = 12
        let x = centre.X + CheckContext.gaussianStarts ctx 1 lanes f.Dimension reach

        let noise =
            Sampler.Gaussian(CheckContext.address ctx 2, f.Count, lanes, f.Dimension)

        Enumerated.oneStep ctx {
            Process = proc
            // Control variates near the gradients and far from them.
            States = {
                X = x
                H = f.Gradients x + Block.norm (x - centre.X) * noise
            }
            Measure = fun s next -> measure next + paid s
            Bound = bound
            Relation = Relation.AtMost
            Keep = id
            Search = CheckContext.pick 15 30 300 ctx
        }

/// E measure(s⁺) ≤ bound(s), with states at distances of about `reach`.
let oneStepWithin reach ctx linear proc f centre measure bound =
    paying reach ctx linear proc f centre measure (fun _ -> Block.scalar 0.0) bound

/// The same with a reach of 3, the scale of the instances.
let oneStep ctx = oneStepWithin 3.0 ctx

/// E measure(s⁺) + paid(s) ≤ measure(s).
let descent ctx linear proc f centre measure paid =
    paying 3.0 ctx linear proc f centre measure paid measure

/// Three workers in dimension three with t·Rand-1, t·k/d = 1: unbiased.
let standard: ScaleSpec = {
    Workers = 3
    Dimension = 3
    Kappa = 10.0
    Indefinite = false
    Compressor = "mask"
    K = 1
    Kept = 1.0
    LambdaShare = 1.0
    NuShare = 1.0
    Seed = 1
}

/// Masks with k ∈ {1, 2} and t ∈ {d/k, 1, d/(2k)} in dimension three.
let masks: ScaleSpec list = [
    for k in [ 1; 2 ] do
        for kept in [ 1.0; float k / 3.0; 0.5 ] -> { standard with K = k; Kept = kept }
]

/// Workers that depend on each other.
let joints: ScaleSpec list = [ for name in [ "common"; "nice" ] -> { standard with Compressor = name } ]

/// Compressors that are not linear maps.
let nonlinear: ScaleSpec list = [ for name in [ "top"; "comp"; "mix" ] -> { standard with Compressor = name } ]

let private generator compressors =
    gen {
        let! workers = Gen.choose (1, 3)
        let! dimension = Gen.choose (2, 3)
        let! kappa = Gen.elements [ 1.0; 3.0; 10.0; 100.0 ]
        let! indefinite = Gen.elements [ false; false; true ]
        let! compressor = Gen.elements compressors
        let! k = Gen.choose (1, 2)
        let! kept = Gen.elements [ 0.2; 0.5; 0.8; 1.0 ]
        let! lambda = Gen.elements [ 0.5; 1.0; 1.5 ]
        let! nu = Gen.elements [ 0.5; 1.0; 1.5 ]
        let! seed = Gen.choose (0, 10000)

        return {
            Workers = workers
            Dimension = dimension
            Kappa = kappa
            Indefinite = indefinite
            Compressor = compressor
            K = k
            Kept = kept
            LambdaShare = lambda
            NuShare = nu
            Seed = seed
        }
    }

let private shrink (spec: ScaleSpec) =
    seq {
        if spec.Workers > 1 then
            { spec with Workers = spec.Workers - 1 }

        if spec.Dimension > 2 then
            { spec with Dimension = 2 }

        if spec.LambdaShare <> 1.0 || spec.NuShare <> 1.0 then
            {
                spec with
                    LambdaShare = 1.0
                    NuShare = 1.0
            }

        if spec.Seed > 0 then
            { spec with Seed = spec.Seed / 2 }
    }

/// Generated instances whose compressors are linear maps.
let linearInstances =
    Instances.generated (generator [ "mask"; "mask"; "common"; "nice" ]) shrink

/// Generated instances with the others: fewer, since each is a search.
let nonlinearInstances =
    Instances.generated (generator [ "top"; "comp"; "mix" ]) shrink
    |> Instances.counts 2 3 30
