/// How often plain and clipped SGD fail: claims 1 and 8 of RP-CLIPHP. Citation and methods: ClippedMethods.fs.
module Theory.Algorithms.RobustAndPrivate.ClippedFailures

open System
open FsCheck.FSharp
open Theory
open Theory.Numerics
open Theory.Problems
open Theory.Algorithms.RobustAndPrivate.ClippedMethods
open Theory.Algorithms.RobustAndPrivate.LinearOperators

// ---- 1: plain SGD fails polynomially often -------------------------------------------------------------------------

/// f = ½x², noise ±1/γ with probability q/2 each, q = (γσ)^a.
[<NoComparison>]
type HitSpec = {
    Gamma: float
    Sigma: float
    Order: float
    Radius: float
    Steps: int
}

let private hitProbability (s: HitSpec) = (s.Gamma * s.Sigma) ** s.Order

/// Both lower bounds against the exact law of x_K.
let private failsOften (level: HitSpec -> float) (scale: float) (spec: HitSpec) =
    let f = Quadratic.diagonal [| 1.0 |] :> IObjective
    let q = hitProbability spec

    let p = {
        Gamma = spec.Gamma
        Lambda = level spec
        Noise = HeavyTails.threePoint 1 spec.Order spec.Sigma q
    }

    let weights, states =
        Enumerated.law (Method.on f p sgd) { X = Block.vector [| spec.Radius |] } spec.Steps

    let distances = Block.lanes (Block.norm states.X)

    // A path that lands on the threshold lands there up to rounding.
    let reaches threshold =
        let allowed = Rounding.identity (float spec.Steps) (max threshold 1.0)
        Array.fold2 (fun sum w x -> if x >= threshold - allowed then sum + w else sum) 0.0 weights distances

    Evidence.ofRows Rung.Enumerated Relation.AtLeast [
        Evidence.row Relation.AtLeast 1 spec.Steps "P(|x_K| ≥ 1)" (reaches 1.0) (scale * 0.5 * q)
        Evidence.row
            Relation.AtLeast
            1
            spec.Steps
            "P(|x_K| ≥ (1−γ)^K R)"
            (reaches ((1.0 - spec.Gamma) ** float spec.Steps * spec.Radius))
            (scale * 0.5)
    ]

let private hit gamma sigma order radius steps = {
    Gamma = gamma
    Sigma = sigma
    Order = order
    Radius = radius
    Steps = steps
}

let private certainHit = hit 0.5 2.0 1.5 10.0 1

let private hitInstances: Instances<HitSpec> =
    Instances.generated
        (gen {
            let! gamma = Gen.elements [ 0.02; 0.1; 0.5; 1.0 ]
            let! share = Gen.elements [ 0.05; 0.2; 0.7; 1.0 ]
            let! order = Gen.elements [ 1.1; 1.5; 2.0 ]
            let! radius = Gen.elements [ 0.0; 0.5; 3.0 ]
            let! steps = Gen.choose (1, 6)
            return hit gamma (share / gamma) order radius steps
        })
        (fun s ->
            seq {
                if s.Steps > 1 then
                    { s with Steps = s.Steps - 1 }

                if s.Radius > 0.0 then
                    { s with Radius = 0.0 }
            })
    |> Instances.startingWith [ hit 0.1 2.0 1.5 0.0 1; hit 0.1 2.0 1.5 0.0 3; hit 0.1 2.0 1.5 0.0 7 ]

let polynomialFailure: Claim =
    Claim.create {
        Claim.spec
            "RP-CLIPHP.1"
            ClaimKind.Lower
            "SGD on ½μx²: P(x_K² ≥ t) ≥ ½(γσ/√t)^a and P(|x_K| ≥ (1−γμ)^K R) ≥ ½ for a noise with E|ξ|^a = σ^a"
            hitInstances
            (fun _ spec -> failsOften always 1.0 spec) with
            Formula = @"\mathbb P(|x^K|^2 \ge t) \ge \tfrac12(\gamma\sigma/\sqrt t)^a"
            Assumptions = "γ ≤ 1/μ, (γσ/√t)^a ≤ 1; here μ = t = 1"
            Source = "arXiv 2302.00999 for a = 2; derived: a hit in the last step keeps |x_K| ≥ √t for one of its signs"
            Valid = fun spec -> hitProbability spec <= 1.0 && spec.Gamma <= 1.0
            Falsifiers = [
                Falsifier.check "clipped at √t/(4γ)" (fun _ spec -> failsOften (fun s -> 0.25 / s.Gamma) 1.0 spec)
                |> Falsifier.at [ hit 0.1 2.0 1.5 0.0 3 ]
                Falsifier.check "bounds × 1.05" (fun _ spec -> failsOften always 1.05 spec)
                |> Falsifier.at [ certainHit ]
            ]
            Tight =
                Some {
                    Instance = certainHit
                    AtLeast = 0.999999
                }
    }

// ---- 8: how failures scale with β ----------------------------------------------------------------------------------

[<NoComparison>]
type TailSpec = {
    Tail: float
    Gamma: float
    Steps: int
}

let private often, private seldom = 0.02, 0.001

/// Confidence interval of the quantile exceeded with probability `beta`, each end wrong with probability ≤ alpha.
let private quantile (alpha: float) (beta: float) (descending: float[]) =
    let n = descending.Length

    let below =
        seq { 1..n }
        |> Seq.find (fun j -> ExactBinomial.UpperTail(int64 j, int64 n, beta) <= alpha)

    let above =
        seq { 1..n }
        |> Seq.takeWhile (fun j -> ExactBinomial.LowerTail(int64 (j - 1), int64 n, beta) <= alpha)
        |> Seq.tryLast

    descending[below - 1],
    (match above with
     | Some j -> descending[j - 1]
     | None -> Double.PositiveInfinity)

/// Interval of quantile(seldom)/quantile(often) of |x_K| on ½x² from the origin under Pareto noise.
let private growth ctx alpha level (spec: TailSpec) =
    let f = Quadratic.diagonal [| 1.0 |] :> IObjective

    let p = {
        Gamma = spec.Gamma
        Lambda = level
        Noise = HeavyTails.pareto 1 (0.5 * (1.0 + spec.Tail)) spec.Tail 1.0
    }

    let lanes = CheckContext.pick 15000 20000 400000 ctx
    let start = { X = Block.zeros 1 lanes 1 }

    let final =
        (Run.trajectories ctx (Method.on f p sgd) start {
            Steps = spec.Steps
            Every = spec.Steps
            Measures = []
            Progress = None
        })
            .Final

    let sizes = Block.lanes (Block.norm final.X) |> Array.sortDescending
    let lowOften, highOften = quantile alpha often sizes
    let lowSeldom, highSeldom = quantile alpha seldom sizes
    lowSeldom / highOften, highSeldom / lowOften

/// SGD's fitted exponent against 1/tail, the clipped method's growth against ln(1/β).
let private scales plainLevel clippedLevel (ctx: CheckContext) (spec: TailSpec) =
    let alpha = ctx.Alpha / 8.0
    let low, high = growth ctx alpha plainLevel spec
    let clippedLow, _ = growth ctx alpha clippedLevel spec
    let decades = log (often / seldom)

    Evidence.all [
        Evidence.ofRows Rung.Replicates Relation.AtMost [
            Evidence.row
                Relation.AtMost
                1
                spec.Steps
                "SGD: lower end of the fitted exponent"
                (log low / decades)
                (1.0 / spec.Tail)
            Evidence.row
                Relation.AtMost
                1
                spec.Steps
                "clipped: lower end of the quantiles' ratio"
                clippedLow
                (log (1.0 / seldom) / log (1.0 / often))
        ]
        Evidence.ofRows Rung.Replicates Relation.AtLeast [
            Evidence.row
                Relation.AtLeast
                1
                spec.Steps
                "SGD: upper end of the fitted exponent"
                (log high / decades)
                (1.0 / spec.Tail)
        ]
    ]
    |> Evidence.note $"exponent in [{log low / decades:F3}, {log high / decades:F3}], 1/tail = {1.0 / spec.Tail:F3}"

let scaling: Claim =
    Claim.create {
        Claim.spec
            "RP-CLIPHP.8"
            ClaimKind.Scaling
            "the (1−β)-quantile of |x_K| grows like β^{−1/a} for SGD under Pareto noise and no faster than ln(1/β) when clipped"
            (Instances.generated
                (Gen.elements [
                    { Tail = 1.2; Gamma = 0.7; Steps = 5 }
                    { Tail = 1.8; Gamma = 0.5; Steps = 5 }
                ])
                (fun _ -> Seq.empty)
             |> Instances.counts 0 0 3
             |> Instances.startingWith [ { Tail = 1.5; Gamma = 0.5; Steps = 5 } ])
            (scales Double.PositiveInfinity 1.0) with
            Formula = @"q_{1-\beta}(|x^K|) \propto \beta^{-1/a}"
            Assumptions = "f = ½x², Pareto noise of tail index a; β from 0.02 to 0.001"
            Source = "arXiv 2302.00999 (orders); intervals from order statistics"
            Statistical = true
            Falsifiers = [
                Falsifier.check "the clipped method with λ = ∞" (scales Double.PositiveInfinity Double.PositiveInfinity)
                Falsifier.check "SGD with λ = 1" (scales 1.0 1.0)
            ]
    }
