/// Building blocks of robust training: aggregation rules under attack. The identities of the same entry are in
/// RobustIdentities.fs.
///
/// Allouah, Farhadkhani, Guerraoui, Gupta, Pinot, Stephan, "Fixing by
/// Mixing", AISTATS 2023 (κ-robustness); Karimireddy, He, Jaggi, ICML 2021 and ICLR 2022 (centered clipping, bucketing).
/// Notation: n inputs, G good and f = n − G bad, δ = f/n < 1/2, x̄ the mean of the good, r = f/(n − 2f).
module Theory.Algorithms.RobustAndPrivate.RobustAggregation

open System
open FsCheck.FSharp
open Theory
open Theory.Numerics
open Theory.Problems
open Theory.Algorithms.RobustAndPrivate
open Theory.Algorithms.RobustAndPrivate.Crowds

// ---- 2: κ of the aggregators ---------------------------------------------------------------------------------------

let private trimmedKappa r = 6.0 * r * (1.0 + r)

/// Rules with their κ.
let private rules (n: int) (f: int) : (string * (Block -> Block) * float) list =
    let r = float f / float (n - 2 * f)

    [
        "CWTM", Aggregators.trimmedMean f, trimmedKappa r
        "CWMed", Aggregators.median, 4.0 * (1.0 + r) ** 2.0
        "GM", Aggregators.geometricMedian, 4.0 * (1.0 + r) ** 2.0
        "Krum", Aggregators.krum f, 6.0 * (1.0 + r)
        "NNM∘CWTM",
        Aggregators.nearestNeighbourMixing f >> Aggregators.trimmedMean f,
        8.0 * float f / float (n - f) * (trimmedKappa r + 1.0)
    ]

let private everyone (c: Crowd) = Block.ConcatWorkers(c.Good, c.Bad)

let private errorSquared rule (c: Crowd) =
    Block.lanes (Block.normSquared (rule (everyone c) - Block.mean c.Good))

let private spread (c: Crowd) =
    Block.lanes (Block.meanNormSquared (c.Good - Block.mean c.Good))

/// ‖x̂ − x̄‖² ≤ κ·spread for every rule and attack, and for the worst crowd found from one of them.
let private robust (rules: (string * (Block -> Block) * float) list) search ctx (spec: CrowdSpec) =
    let good = goodOf spec

    let rowsOf name kappa rule (crowd: Crowd) =
        Array.map2
            (fun measured bound ->
                Evidence.row Relation.AtMost (spec.Workers * spec.Dimension) 1 name measured (kappa * bound))
            (errorSquared rule crowd)
            (spread crowd)
        |> List.ofArray

    [
        for name, rule, kappa in rules do
            for attack, bad in attacks spec.Faulty do
                yield! rowsOf $"{name} under {attack}" kappa rule { Good = good; Bad = bad good }

            if search > 0 then
                let start = {
                    Good = good
                    Bad = Aggregators.littleIsEnough spec.Faulty good
                }

                let worst, _ =
                    Search.climb ctx search id (fun c -> Array.map2 (/) (errorSquared rule c) (spread c)) start

                yield! rowsOf $"{name}, searched" kappa rule worst
    ]
    |> Evidence.ofRows Rung.Trajectories Relation.AtMost

let kappa: Claim =
    Claim.create {
        Claim.spec
            "RP-BLOCKS.2"
            ClaimKind.Sure
            "‖x̂−x̄‖² ≤ κ·(1/G)Σ‖x_i−x̄‖²: CWTM 6r(1+r), Krum 6(1+r), GM and CWMed 4(1+r)², NNM∘A (8f/(n−f))(κ_A+1)"
            crowdInstances
            (fun ctx spec -> robust (rules spec.Workers spec.Faulty) 6 ctx spec) with
            Formula = @"\|\hat x-\bar x\|^2 \le \frac{\kappa}{G}\sum_{i\in G}\|x_i-\bar x\|^2"
            Assumptions = "f < n/2 bad inputs of any values; r = f/(n−2f)"
            Source = "Allouah et al., AISTATS 2023"
            Valid = fun spec -> spec.Faulty >= 1 && 2 * spec.Faulty < spec.Workers
            Falsifiers = [
                Falsifier.check "the plain mean" (fun ctx spec ->
                    robust
                        [
                            "mean",
                            Aggregators.mean,
                            4.0 * (1.0 + float spec.Faulty / float (spec.Workers - 2 * spec.Faulty)) ** 2.0
                        ]
                        0
                        ctx
                        spec)
                Falsifier.check "CWTM trims f − 1" (fun ctx spec ->
                    let r = float spec.Faulty / float (spec.Workers - 2 * spec.Faulty)
                    robust [ "CWTM", Aggregators.trimmedMean (spec.Faulty - 1), trimmedKappa r ] 0 ctx spec)
                Falsifier.check "classical Krum at n = 2f + 1" (fun ctx spec ->
                    let r = float spec.Faulty / float (spec.Workers - 2 * spec.Faulty)
                    robust [ "Krum", Aggregators.classicalKrum spec.Faulty, 6.0 * (1.0 + r) ] 0 ctx spec)
                |> Falsifier.at [ crowd 5 2 2 "gaussian"; crowd 7 3 2 "gaussian"; crowd 9 4 2 "gaussian" ]
            ]
    }

// ---- 3: no aggregator does better ----------------------------------------------------------------------------------

/// n − f zeros and f ones.
let private split (n: int) (f: int) =
    Block.Own(Shape.Vector(n, 1, 1), Array.init n (fun i -> if i < n - f then 0.0 else 1.0))

/// The κ that a rule needs on this input, over the zeros and over the f ones with n − 2f zeros.
let private needed (n: int) (f: int) (rule: Block -> Block) =
    let output = (Block.lanes (rule (split n f)))[0]

    if output <> 0.0 then
        Double.PositiveInfinity
    else
        let share = float f / float (n - f)
        share * share / (share * (1.0 - share))

let private everyRuleNeeds (relation: Relation) (scale: float) (spec: CrowdSpec) =
    let n, f = spec.Workers, spec.Faulty

    [
        for name, rule, _ in rules n f @ [ "mean", Aggregators.mean, 0.0 ] ->
            Evidence.row relation n 1 $"κ that {name} needs" (needed n f rule) (scale * float f / float (n - 2 * f))
    ]
    |> Evidence.ofRows Rung.Trajectories relation

let lowerBound: Claim =
    Claim.create {
        Claim.spec
            "RP-BLOCKS.3"
            ClaimKind.Lower
            "no aggregator is (f, κ)-robust with κ < f/(n−2f): n−f zeros and f ones"
            crowdInstances
            (fun _ spec -> everyRuleNeeds Relation.AtLeast 1.0 spec) with
            Formula = @"\kappa \ge \frac{f}{n-2f}"
            Assumptions = "f < n/2"
            Source = "Allouah et al., AISTATS 2023; two readings of one input"
            Valid = fun spec -> spec.Faulty >= 1 && 2 * spec.Faulty < spec.Workers
            Falsifiers = [
                Falsifier.check "κ = 0.9 f/(n−2f) suffices" (fun _ spec -> everyRuleNeeds Relation.AtMost 0.9 spec)
            ]
            Tight =
                Some {
                    Instance = crowd 11 2 1 "gaussian"
                    AtLeast = 1.0
                }
    }

// ---- 5: majority exactness -----------------------------------------------------------------------------------------

/// max(n−f, a majority) copies of v, the others 1e30 away in random directions: does each rule return v?
let private exact (rules: int -> int -> (string * (Block -> Block)) list) (spec: CrowdSpec) =
    let copies = max (spec.Workers - spec.Faulty) (spec.Workers / 2 + 1)
    let v = Linear.gaussians spec.Seed 0 spec.Dimension |> Block.vector
    let good = Block.repeatWorkers copies v

    let crowd =
        if copies = spec.Workers then
            good
        else
            let bad =
                1e30
                * Sampler.Gaussian(
                    DrawAddress(uint64 spec.Seed, 0x626164u, 0, 0, 0),
                    spec.Workers - copies,
                    1,
                    spec.Dimension
                )

            Block.ConcatWorkers(good, bad)

    let size = (Block.lanes (Block.norm v))[0]

    let rows =
        rules spec.Workers spec.Faulty
        |> List.map (fun (name, rule) ->
            let off = (Block.lanes (Block.norm (rule crowd - v)))[0]

            {
                Label = $"{name}: distance from the majority's value"
                Measured = off
                Bound = 0.0
                Holds = off <= Rounding.identity (float spec.Workers) size
            })

    let evidence = Evidence.ofRows Rung.Trajectories Relation.Equal rows

    {
        evidence with
            Tightness =
                if evidence.Violation.IsNone then
                    1.0
                else
                    evidence.Tightness
    }

let majority: Claim =
    Claim.create {
        Claim.spec
            "RP-BLOCKS.5"
            ClaimKind.Exact
            "if more than half of the inputs, and at least n − f, equal v, then CWMed = GM = CWTM = Krum = v"
            crowdInstances
            (fun _ spec ->
                exact
                    (fun n f ->
                        rules n f
                        |> List.filter (fun (name, _, _) -> not (name.StartsWith "NNM"))
                        |> List.map (fun (a, b, _) -> a, b))
                    spec) with
            Formula = @"\hat x = v"
            Assumptions = "f < n/2, the other inputs arbitrary"
            Source = "derived: each rule's optimality at v"
            Valid = fun spec -> spec.Faulty >= 1 && 2 * spec.Faulty < spec.Workers
            Falsifiers = [
                Falsifier.check "the plain mean" (fun _ spec -> exact (fun _ _ -> [ "mean", Aggregators.mean ]) spec)
            ]
    }

// ---- 6: why bucketing is needed ------------------------------------------------------------------------------------

/// m + 1 inputs +1 and m inputs −1: mean squared error of a random rule, against (1 − 1/n)².
let private medianError (bucket: int option) (m: int) =
    let n = 2 * m + 1

    let x =
        Block.Own(Shape.Vector(n, 1, 1), Array.init n (fun i -> if i <= m then 1.0 else -1.0))

    let centre = Block.mean x

    let error (rule: Block -> Block) =
        match bucket with
        | None -> (Block.lanes (Block.normSquared (rule x - centre)))[0]
        | Some s ->
            (Draw.permutation n).Outcomes
            |> Array.sumBy (fun o ->
                o.Probability
                * (Block.lanes (Block.normSquared (rule (Aggregators.bucketing s o.Outcome x) - centre)))[0])

    let pairwise =
        2.0 / float (n - 1) * (Block.lanes (Block.totalNormSquared (x - centre)))[0]

    Evidence.ofRows Rung.Enumerated Relation.Equal [
        for name, rule in
            [
                "CWMed", Aggregators.median
                "GM", Aggregators.geometricMedian
                "Krum", Aggregators.krum 0
            ] do
            Evidence.row Relation.Equal n 1 $"squared error of {name}" (error rule) ((1.0 - 1.0 / float n) ** 2.0)
        Evidence.row Relation.Equal n 1 "pairwise variance" pairwise (2.0 * (float n - 1.0 / float n) / float (n - 1))
    ]

let needForBucketing: Claim =
    Claim.create {
        Claim.spec
            "RP-BLOCKS.6"
            ClaimKind.Lower
            "m+1 inputs +1 and m inputs −1, no bad worker: CWMed, GM and Krum err by (1−1/n)² at variance → 2, so no (δ, c) holds as δ → 0"
            (Instances.only [ 1; 5; 50 ])
            (fun _ m -> medianError None m) with
            Formula = @"\|\hat x-\bar x\|^2 = (1-1/n)^2,\quad \sigma^2 = \frac{2(n-1/n)}{n-1}"
            Assumptions = "n = 2m + 1 inputs"
            Source = "Karimireddy, He, Jaggi, ICLR 2022 (example)"
            Falsifiers = [
                Falsifier.check "Bucketing(2) first" (fun _ m -> medianError (Some 2) (min m 2))
            ]
    }

let paper: Paper = {
    Key = "RP-BLOCKS"
    Title = "Building blocks of robust training"
    Citation =
        "Allouah et al., AISTATS 2023; Karimireddy, He, Jaggi, ICML 2021, ICLR 2022; Sadiev et al., arXiv 2302.00999"
    Family = "robust-and-private"
    Problem = "n inputs of which f are arbitrary; noise with E‖ξ‖^a ≤ σ^a"
    Methods = []
    Claims =
        [
            ClippingBias.clipBias
            kappa
            lowerBound
            RobustIdentities.pairwise
            majority
            needForBucketing
        ]
        @ [
            RobustIdentities.bucketingVariance
            CenteredClipping.centeredClipping
            RobustIdentities.manipulation
        ]
}
