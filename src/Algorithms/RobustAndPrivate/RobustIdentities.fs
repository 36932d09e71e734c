/// Building blocks of robust training: the identities of aggregation.
///
/// Allouah et al., AISTATS 2023; Karimireddy, He, Jaggi, ICLR 2022
/// (bucketing); Xie, Koyejo, Gupta, UAI 2019 (inner-product manipulation).
module Theory.Algorithms.RobustAndPrivate.RobustIdentities

open FsCheck.FSharp
open Theory
open Theory.Numerics
open Theory.Algorithms.RobustAndPrivate

// ---- Identities for all points -------------------------------------------------------------------------------------

type Points = {
    /// n points, one a worker.
    X: Block
}

/// A statement about points as they are: nothing moves.
let private still: Process<Points, unit> = {
    Name = "points"
    Draw = Draw.none
    Step = fun () s -> s
    Cost = fun () -> []
}

/// measure = bound for all points.
let private identity proc n d measure bound =
    Spectral.oneStep {
        Process = proc
        Centre = { X = Block.zeros n 1 d }
        Keeps = None
        Measure = measure
        Bound = bound
        Relation = Relation.Equal
        MatchMoments = false
    }

/// (1/(G(G−1))) Σ_{i≠l} ‖x_i − x_l‖².
let private pairwiseMean (s: Points) =
    let g = s.X.Workers

    let total =
        Seq.init g (fun i -> Block.totalNormSquared (s.X - s.X.Worker i))
        |> Seq.reduce (+)

    (1.0 / float (g * (g - 1))) * total

let private spread (s: Points) =
    Block.totalNormSquared (s.X - Block.mean s.X)

[<NoComparison>]
type SizeSpec = { Good: int; Bad: int; Dimension: int }

let private sizes: Instances<SizeSpec> =
    Instances.generated
        (gen {
            let! good = Gen.choose (2, 9)
            let! bad = Gen.choose (1, 8)
            let! dimension = Gen.choose (1, 3)

            return {
                Good = good
                Bad = bad
                Dimension = dimension
            }
        })
        (fun s ->
            seq {
                if s.Dimension > 1 then
                    { s with Dimension = 1 }

                if s.Good > 2 then
                    { s with Good = s.Good - 1 }
            })

/// The pairwise identity; and cδ = κ(G−1)/(2G) of CWTM against 3δ(1−δ)/(1−2δ)².
let private pairwiseIdentity (factor: int -> float) (spec: SizeSpec) =
    let g = spec.Good
    let n = float (spec.Good + spec.Bad)
    let delta = float spec.Bad / n
    let r = float spec.Bad / (n - 2.0 * float spec.Bad)
    let cDelta = 6.0 * r * (1.0 + r) * float (g - 1) / (2.0 * float g)

    Evidence.all [
        identity still g spec.Dimension pairwiseMean (fun s -> factor g * spread s)
        // cδ from κ; the bound drops (G−1)/G.
        Evidence.ofRows Rung.Spectral Relation.AtMost [
            Evidence.row
                Relation.AtMost
                g
                1
                "c of CWTM"
                (cDelta / delta)
                (3.0 * (1.0 - delta) / (1.0 - 2.0 * delta) ** 2.0)
        ]
    ]

let pairwise: Claim =
    Claim.create {
        Claim.spec
            "RP-BLOCKS.4"
            ClaimKind.Exact
            "(1/(G(G−1)))Σ_{i≠l}‖x_i−x_l‖² = (2/(G−1))Σ‖x_i−x̄‖²: a κ-robust rule is a (δ,c)-aggregator with cδ = κ(G−1)/(2G)"
            sizes
            (fun _ spec -> pairwiseIdentity (fun g -> 2.0 / float (g - 1)) spec) with
            Formula = @"\frac{1}{G(G-1)}\sum_{i\ne l}\|x_i-x_l\|^2 = \frac{2}{G-1}\sum_i\|x_i-\bar x\|^2"
            Assumptions = "G ≥ 2 points; CWTM: δ < 1/2"
            Source = "derived"
            Valid = fun spec -> spec.Bad < spec.Good
            Falsifiers = [
                Falsifier.check "(G−1)/G dropped" (fun _ spec -> pairwiseIdentity (fun g -> 2.0 / float g) spec)
            ]
    }

// ---- 7: bucketing --------------------------------------------------------------------------------------------------

/// E‖y_1 − y_2‖² of two buckets of s among six points against σ²/s, for all points.
let private buckets (draw: int -> Draw<Indices>) (s: int) =
    let n = 6

    let proc = {
        Name = "bucketing"
        Draw = draw s
        Step =
            fun (order: Indices) (p: Points) ->
                let first, second =
                    if order.Count = n then
                        let means = Aggregators.bucketing s order p.X
                        means.Worker 0, means.Worker 1
                    else
                        // With replacement: the first and the last s of 2s draws.
                        let drawn = p.X.PickWorkers order
                        Block.mean (drawn.SliceWorkers(0, s)), Block.mean (drawn.SliceWorkers(s, s))

                {
                    X = Block.ConcatWorkers(first, second, Block.zeros (n - 2) p.X.Lanes p.X.Dimension)
                }
        Cost = fun _ -> []
    }

    let gap (p: Points) =
        Block.normSquared (p.X.Worker 0 - p.X.Worker 1)

    identity proc n 1 gap (fun p -> (1.0 / float s) * pairwiseMean p)

let bucketingVariance: Claim =
    Claim.create {
        Claim.spec
            "RP-BLOCKS.7"
            ClaimKind.Mean
            "two full buckets of s good inputs: E‖y_1−y_2‖² = σ²/s over the permutation, σ² the pairwise mean"
            (Instances.only [ 2; 3 ])
            (fun _ s -> buckets (fun _ -> Draw.permutation 6) s) with
            Formula = @"\mathbb E\|y_1-y_2\|^2 = \sigma^2/s"
            Assumptions = "six inputs, buckets of two or three, all 720 permutations"
            Source = "derived: sampling without replacement"
            Falsifiers = [
                Falsifier.check "buckets drawn with replacement" (fun _ s ->
                    buckets (fun s -> Draw.indices 6 (2 * s)) (min s 2))
            ]
    }

// ---- 9: inner-product manipulation ---------------------------------------------------------------------------------

/// ⟨mean of all, m_G⟩ = ((G − εf)/n)‖m_G‖², zero at the threshold; ‖m_G‖² is added to both sides, so that zero has a
/// scale. `threshold` is where the average is claimed to turn.
let private turns (threshold: SizeSpec -> float) (spec: SizeSpec) =
    let g, f = float spec.Good, float spec.Bad

    let product epsilon (s: Points) =
        let all = Block.ConcatWorkers(s.X, Aggregators.innerProduct epsilon spec.Bad s.X)
        Block.dot (Block.mean all) (Block.mean s.X) + Block.normSquared (Block.mean s.X)

    Evidence.all [
        for relative in [ 0.0; 0.5; 1.0; 1.01; 3.0 ] do
            let coefficient = g / (g + f) * (1.0 - relative)

            identity still spec.Good spec.Dimension (product (relative * threshold spec)) (fun s ->
                (1.0 + coefficient) * Block.normSquared (Block.mean s.X))
    ]

let manipulation: Claim =
    Claim.create {
        Claim.spec
            "RP-BLOCKS.9"
            ClaimKind.Exact
            "inner-product manipulation: mean of all = ((G−εf)/n)·m_G, reversed iff ε > G/f"
            sizes
            (fun _ spec -> turns (fun s -> float s.Good / float s.Bad) spec) with
            Formula = @"\bar x_{\mathrm{all}} = \frac{G-\varepsilon f}{n} m_G"
            Assumptions = "f ≥ 1 bad inputs −ε m_G"
            Source = "derived"
            Valid = fun spec -> spec.Bad < spec.Good
            Falsifiers = [
                Falsifier.check "threshold n/f" (fun _ spec ->
                    turns (fun s -> float (s.Good + s.Bad) / float s.Bad) spec)
            ]
    }
