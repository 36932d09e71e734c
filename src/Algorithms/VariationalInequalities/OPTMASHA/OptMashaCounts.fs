/// What OPT-MASHA sends next to MASHA1 with Rand-K (VI-OPTMASHA.4).
module Theory.Algorithms.VariationalInequalities.OptMashaCounts

open Theory
open Theory.Numerics
open Theory.Problems
open Theory.Algorithms
open Theory.Algorithms.CommunicationEfficient.Compressors
open Theory.Algorithms.VariationalInequalities.OptMasha

/// n = d similar operators, by their ratios.
[<NoComparison>]
type CountSpec = {
    /// n = d, even.
    Workers: int
    /// L/μ.
    Condition: float
    /// L/δ.
    Ratio: float
    Seed: int
}

/// L = 1: the first block of the mean has |μ + i s| = 1, the others less.
let private problem (spec: CountSpec) delta =
    let mu = 1.0 / spec.Condition

    SimilarOperators.rotations {
        Workers = spec.Workers
        Blocks = spec.Workers / 2
        Mu = mu
        MuSpread = 0.0
        Skew = sqrt (1.0 - mu * mu)
        Delta = delta
        ToServer = false
        Offset = 1.0
        Seed = spec.Seed
    }
    :> ISimilarOperator

/// Expected floats that a device sends in a step of OPT-MASHA, by the method's own account.
let private uplink (f: ISimilarOperator) (p: Parameters) =
    Costs.overCoin Counter.UplinkFloats p.P (fun bit -> damped.Cost f p (CompressorDraw.Nothing, bit))

/// MASHA1 with Rand-K, K = d/n, and an uncompressed server.
let private rival (f: ISimilarOperator) =
    MASHA1.parametersFor (randK (f.Dimension / f.Count)) identity f

let private rows relation list =
    list
    |> List.map (fun (label, a, b) -> Evidence.row relation 1 1 label a b)
    |> Evidence.ofRows Rung.Trajectories relation

/// Certified floats per device and factor e: against their orders, and against each other where `compared`.
let private certified (f: ISimilarOperator) compared =
    let p, other = damped.Rule f, rival f
    let n, d = float f.Count, float f.Dimension
    let mu, l, delta = f.Monotonicity, f.Lipschitz, f.Similarity
    let own = uplink f p * Costs.perEFold (contraction f p)

    let others =
        MASHAPoints.uplink f other * Costs.perEFold (MASHA1.contraction f other)

    let spread = OperatorConstants.meanSquareLipschitz f

    rows Relation.AtMost [
        "OPT-MASHA, against 32d(1 + L/(nμ) + δ/(√n μ))", own, 32.0 * d * (1.0 + l / (n * mu) + delta / (sqrt n * mu))
        "MASHA1, against 8d(1 + L̃/(√n μ))", others, 8.0 * d * (1.0 + spread / (sqrt n * mu))
        if compared then
            ("OPT-MASHA, against MASHA1", own, others)
    ]

let private accuracy = 1e-4

/// The floats of both runs until E‖z_k − z*‖² ≤ 1e-4 R0², by exact propagation, against their certified numbers.
let private observed (f: ISimilarOperator) =
    let p, other = damped.Rule f, rival f
    let start = f.Solution + Block.Fill(Shape.Vector(1, 1, f.Dimension), 1.0)
    let target = accuracy * float f.Dimension
    let limit = Costs.certified (4.0 / 3.0 * dampedStart f p) (contraction f p) accuracy
    let limitOther = Costs.certified 2.0 (MASHA1.contraction f other) accuracy

    let own =
        Costs.firstBelow (Method.on f p damped) (init f.Solution) (init start) (int (ceil limit)) (distance f) target

    let others =
        let points z : MASHAPoints.Points = { Z = z; W = z }

        Costs.firstBelow
            (MASHAPoints.onPoints f other)
            (points f.Solution)
            (points start)
            (int (ceil limitOther))
            (fun s -> Block.normSquared (s.Z - f.Solution))
            target

    match own, others with
    | Ok k, Ok k' ->
        let floats = float k * uplink f p
        let floats' = float k' * MASHAPoints.uplink f other

        Evidence.ofRows Rung.Moments Relation.AtMost [
            Evidence.row Relation.AtMost f.Dimension k "floats of OPT-MASHA" floats ((limit + 1.0) * uplink f p)
            Evidence.row
                Relation.AtMost
                f.Dimension
                k'
                "floats of MASHA1"
                floats'
                ((limitOther + 1.0) * MASHAPoints.uplink f other)
        ]
        |> Evidence.note $"OPT-MASHA sends {floats:G6} floats a device, MASHA1 {floats':G6}"
    | Error reason, _
    | _, Error reason -> Evidence.undecided Rung.Moments reason

/// `delta` from L/δ; the comparison is claimed from n = 17 and L/δ = 5 on.
let private counts (spec: CountSpec) delta =
    let f = problem spec delta

    let promised = certified f (spec.Workers >= 17 && spec.Ratio >= 5.0)
    let small = spec.Workers <= 4 && spec.Condition <= 10.0
    Pieces.all (promised :: (if small then [ observed f ] else []))

let countClaim: Claim =
    let spec workers condition ratio = {
        Workers = workers
        Condition = condition
        Ratio = ratio
        Seed = 1
    }

    Claim.create {
        Claim.spec
            "VI-OPTMASHA.4"
            ClaimKind.Count
            "p = 1/n, n = d: certified floats per factor e are at most 32d(1 + L/(nμ) + δ/(√n μ)), and below those of MASHA1 with Rand-K when n ≥ 17 and δ ≤ L/5; runs stay below their certified numbers"
            (Instances.only [
                yield spec 4 10.0 5.0

                for workers in [ 4; 8; 32 ] do
                    for ratio in [ 1.0; 5.0; 100.0 ] do
                        yield spec workers 1e3 ratio

                yield spec 64 1e3 5.0
            ])
            (fun _ spec -> counts spec (1.0 / spec.Ratio)) with
            Formula =
                @"d\,O\bigl(1+\tfrac{L}{n\mu}+\tfrac{\delta}{\sqrt n\,\mu}\bigr)\ \text{against}\ d\,O\bigl(1+\tfrac{\tilde L}{\sqrt n\,\mu}\bigr)"
            Assumptions =
                "PermK of d/n coordinates and p = 1/n against Rand-K with K = d/n; numbers of the methods' own rules, accounts and exact expectations"
            Source = "derived from VI-OPTMASHA.5 and VI-MASHA.1: 4√2 L ≤ √n C and 4√2 δ ≤ C make the longer step"
            Valid = fun spec -> spec.Workers % 2 = 0
            Falsifiers = [
                Falsifier.check "δ = L" (fun _ spec -> counts spec 1.0)
                |> Falsifier.at [ spec 32 1e3 5.0 ]
            ]
    }
