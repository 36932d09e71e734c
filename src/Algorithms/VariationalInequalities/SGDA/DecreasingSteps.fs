/// SGDA with the decreasing stepsizes of Stich's schedule (VI-SGDA.16).
///
/// Source and problem as in Parametric.fs. A recursion r⁺ ≤ (1 − aγ_k)r + cγ_k², valid for γ_k ≤ 1/h with h ≥ a, run for K
/// steps with γ_k = 1/h in the first half and γ_k = 2/(2h + a(k − k_0)), k_0 = ⌈K/2⌉, in the second (1/h throughout when
/// K ≤ h/a), ends at r_K ≤ (32h/a)r_0·exp(−aK/(2h)) + 36c/(a²K).
module Theory.Algorithms.VariationalInequalities.DecreasingSGDA

open FsCheck.FSharp
open Theory
open Theory.Numerics
open Theory.Problems
open Theory.Algorithms

type Parameters = {
    /// a = μ.
    Mu: float
    /// h, the inverse of the largest stepsize.
    Inverse: float
    /// K, the number of steps for which the schedule is made.
    Horizon: int
}

/// γ_k.
let stepsize (p: Parameters) (k: int) : float =
    let first = (p.Horizon + 1) / 2

    if float p.Horizon <= p.Inverse / p.Mu || k < first then
        1.0 / p.Inverse
    else
        2.0 / (2.0 * p.Inverse + p.Mu * float (k - first))

/// h = 2ℓ̂, a = μ, K = 1000.
let parameters (f: IFiniteSumOperator) : Parameters = {
    Mu = f.Monotonicity
    Inverse = 2.0 * Cocoercivity.averaged f
    Horizon = 1000
}

type State = {
    /// The iterate z_k.
    Z: Block
    /// k.
    Step: int
}

let init (z0: Block) : State = { Z = z0; Step = 0 }

let step (f: IFiniteSumOperator) (p: Parameters) (i: Indices) (s: State) : State = {
    Z = s.Z - stepsize p s.Step * f.OperatorAt i s.Z
    Step = s.Step + 1
}

/// ‖z − z*‖².
let distance (f: IOperator) (s: State) = Block.normSquared (s.Z - f.Solution)

/// (32h/a)r_0·exp(−rate·aK/h) + constant·c/(a²K); the lemma has rate ½ and constant 36.
let private ends (p: Parameters) (c: float) rate constant start =
    let a, k = p.Mu, float p.Horizon

    32.0 * p.Inverse / a * start * exp (-rate * a * k / p.Inverse)
    + constant * c / (a * a * k)

/// c = 2σ*².
let private noise (f: IFiniteSumOperator) = 2.0 * Cocoercivity.residual f

/// At step K the lemma's bound; before it r_k ≤ r_0 + ck/h², since no factor exceeds 1.
let private atHorizon name (f: IFiniteSumOperator) (p: Parameters) rate constant : RunBound<State> =
    let c = noise f

    {
        Name = name
        Measure = distance f
        Summary = Summary.Last
        Scale = distance f
        Bound =
            fun k start ->
                if k = p.Horizon then
                    ends p c rate constant start
                else
                    start + c * float k / p.Inverse ** 2.0
        InExpectation = true
    }

let method: Method<IFiniteSumOperator, Parameters, State, Indices> = {
    Name = "SGDA-DS"
    Summary = "z⁺ = z − γ_kF_i(z), γ_k = 1/h, in the second half 2/(2h + a(k − K/2))"
    Rule = parameters
    Conditions =
        fun f p -> [
            Condition.atMost "a" p.Mu "μ" f.Monotonicity
            Condition.atMost "2ℓ̂" (2.0 * Cocoercivity.averaged f) "h" p.Inverse
        ]
    Draw = fun f _ -> Draw.index f.Count
    Init = fun _ _ z0 -> init z0
    Step = step
    Output = fun s -> s.Z
    Cost = fun _ _ _ -> [ Charge.each Counter.ComponentCalls 1.0 ]
    FixedPoint = fun _ _ -> None
    Bounds =
        fun f p -> [
            if f.Monotonicity > 0.0 && p.Horizon > 0 then
                atHorizon "VI-SGDA.16: E‖z_K − z*‖²" f p 0.5 36.0
        ]
}

// ---- The lemma -------------------------------------------------------------------------------------------------

/// A recursion and its horizon.
[<NoComparison>]
type RecursionSpec = {
    A: float
    /// h/a ≥ 1.
    Ratio: float
    /// K.
    Steps: int
}

/// The recursion with equality is the largest that is allowed, and r_K is then a multiple of r_0 plus a multiple of c, both
/// nonnegative: the bound holds for all r_0 and c iff it holds for either multiple.
let private recursionHolds (spec: RecursionSpec) rate constant =
    let p = {
        Mu = spec.A
        Inverse = spec.Ratio * spec.A
        Horizon = spec.Steps
    }

    let last r0 c =
        (r0, seq { 0 .. spec.Steps - 1 })
        ||> Seq.fold (fun r k ->
            let gamma = stepsize p k
            (1.0 - spec.A * gamma) * r + c * gamma * gamma)

    let row = Evidence.row Relation.AtMost 1 spec.Steps

    Evidence.ofRows Rung.Spectral Relation.AtMost [
        row "multiple of r_0" (last 1.0 0.0) (ends p 0.0 rate constant 1.0)
        row "multiple of c" (last 0.0 1.0) (ends p 1.0 rate constant 0.0)
    ]

let private long = { A = 1.0; Ratio = 20.0; Steps = 2000 }

let private recursions =
    Instances.generated
        (gen {
            let! a = Gen.elements [ 0.01; 1.0; 5.0 ]
            let! ratio = Gen.elements [ 1.0; 3.0; 20.0; 1000.0 ]
            let! steps = Gen.elements [ 1; 2; 3; 20; 101; 1000; 5000 ]

            return { A = a; Ratio = ratio; Steps = steps }
        })
        (fun spec ->
            seq {
                if spec.Steps > 1 then
                    { spec with Steps = spec.Steps / 2 }
            })
    |> Instances.startingWith [ long; { long with Ratio = 1.0; Steps = 1 } ]
    |> Instances.counts 5 30 200

let lemma: Claim =
    Claim.create {
        Claim.spec
            "VI-SGDA.16"
            ClaimKind.Sure
            "r⁺ ≤ (1−aγ_k)r + cγ_k² with γ_k = 1/h, then 2/(2h + a(k−k_0)): r_K ≤ (32h/a)r_0·exp(−aK/(2h)) + 36c/(a²K)"
            recursions
            (fun _ spec -> recursionHolds spec 0.5 36.0) with
            Formula = @"r_K \le \frac{32hr_0}a\exp\left(-\frac{aK}{2h}\right)+\frac{36c}{a^2K}"
            Assumptions = "γ_k ≤ 1/h allowed, h ≥ a, k_0 = ⌈K/2⌉; the recursion with equality is the worst"
            Source = "arXiv 2202.07262, Lemma C.1"
            // Beyond that, both multiples of r_0 underflow.
            Valid = fun spec -> float spec.Steps <= 1000.0 * spec.Ratio
            Falsifiers = [
                Falsifier.check "exponent aK/h" (fun _ spec -> recursionHolds spec 1.0 36.0)
                |> Falsifier.at [ long ]
                Falsifier.check "36c → 1.0c" (fun _ spec -> recursionHolds spec 0.5 1.0)
            ]
            // 8 of the 36.
            Tight = Some { Instance = long; AtLeast = 0.2 }
    }

// ---- SGDA ------------------------------------------------------------------------------------------------------

/// SGDA on rotation blocks for K steps.
[<NoComparison>]
type ScheduleSpec = {
    Workers: int
    Mu: float
    MuSpread: float
    Skew: float
    SkewSpread: float
    Offset: float
    /// K.
    Steps: int
    Seed: int
}

let private gameOf (spec: ScheduleSpec) =
    Games.rotationBlocks {
        Workers = spec.Workers
        Blocks = 1
        Mu = spec.Mu
        MuSpread = spec.MuSpread
        Skew = spec.Skew
        SkewSpread = spec.SkewSpread
        Offset = spec.Offset
        Seed = spec.Seed
    }

/// E‖z_K − z*‖² exactly, from a start at distance 1.
let private runs (spec: ScheduleSpec) rate constant =
    let f = gameOf spec :> IFiniteSumOperator

    let p = {
        parameters f with
            Horizon = spec.Steps
    }

    let claimed = atHorizon "E‖z_K − z*‖²" f p rate constant
    let centre = init f.Solution
    let start = init (f.Solution + Block.vector [| 1.0; 0.0 |])

    match Moments.series (Method.on f p method) centre start spec.Steps [ claimed.Measure ] with
    | Error reason -> Evidence.undecided Rung.Moments reason
    | Ok series ->
        Evidence.ofRows Rung.Moments Relation.AtMost [
            for k in List.distinct [ 1; spec.Steps / 2; spec.Steps ] do
                if k > 0 then
                    Evidence.row Relation.AtMost 2 k $"E‖z_{k} − z*‖²" (series[0].[k]) (claimed.Bound k 1.0)
        ]

/// The noise-free rotation block on which the printed exponent fails.
let private rotation steps : ScheduleSpec = {
    Workers = 1
    Mu = 1.0
    MuSpread = 0.0
    Skew = 3.0
    SkewSpread = 0.0
    Offset = 0.0
    Steps = steps
    Seed = 1
}

let private four: ScheduleSpec = {
    Workers = 4
    Mu = 1.0
    MuSpread = 1.0
    Skew = 1.0
    SkewSpread = 0.5
    Offset = 1.0
    Steps = 300
    Seed = 1
}

let private schedules =
    Instances.generated
        (gen {
            let! workers = Gen.choose (1, 4)
            let! mu = Gen.elements [ 0.1; 1.0 ]
            let! skew = Gen.elements [ 0.0; 0.3; 1.0; 3.0 ]
            let! offset = Gen.elements [ 0.0; 1.0; 3.0 ]
            let! steps = Gen.elements [ 1; 5; 50; 151 ]
            let! seed = Gen.choose (0, 10000)

            return {
                four with
                    Workers = workers
                    Mu = mu
                    Skew = skew
                    Offset = offset
                    Steps = steps
                    Seed = seed
            }
        })
        (fun spec ->
            seq {
                if spec.Steps > 1 then
                    { spec with Steps = spec.Steps / 2 }

                if spec.Workers > 1 then
                    { spec with Workers = spec.Workers - 1 }
            })
    |> Instances.startingWith [ rotation 20; rotation 2000; four ]
    |> Instances.counts 1 3 30

let claim: Claim =
    Claim.create {
        Claim.spec
            "VI-SGDA.16b"
            ClaimKind.Mean
            "SGDA with decreasing steps, a = μ, h = 2ℓ̂, c = 2σ*²: E‖z_K−z*‖² ≤ (32h/μ)‖z_0−z*‖²·exp(−μK/(2h)) + 36c/(μ²K)"
            schedules
            (fun _ spec -> runs spec 0.5 36.0) with
            Formula =
                @"\mathbb E\|z_K-z_*\|^2 \le \frac{32h}\mu\|z_0-z_*\|^2\exp\left(-\frac{\mu K}{2h}\right)+\frac{36c}{\mu^2K}"
            Assumptions = "averaged cocoercivity ℓ̂, uniform sampling"
            Source = "arXiv 2202.07262, Lemma C.1 with Theorem E.2; Corollaries 2.3, D.2 and E.3 print exp(−μK/h)"
            Falsifiers = [
                Falsifier.check "the printed exponent" (fun _ spec -> runs spec 1.0 36.0)
                |> Falsifier.at [ rotation 2000 ]
                Falsifier.check "36c → 1.0c" (fun _ spec -> runs spec 0.5 1.0)
                |> Falsifier.at [ four ]
            ]
    }

let printedClaim: Claim =
    Claim.create {
        Claim.spec
            "VI-SGDA.16-printed"
            ClaimKind.Mean
            "as printed: E‖z_K−z*‖² ≤ (32h/μ)‖z_0−z*‖²·exp(−μK/h) + 36c/(μ²K)"
            (Instances.only [ rotation 2000 ])
            (fun _ spec -> runs spec 1.0 36.0) with
            Formula =
                @"\mathbb E\|z_K-z_*\|^2 \le \frac{32h}\mu\|z_0-z_*\|^2\exp\left(-\frac{\mu K}{h}\right)+\frac{36c}{\mu^2K}"
            Assumptions = "as VI-SGDA.16b"
            Source = "arXiv 2202.07262, Corollaries 2.3 (case 2), D.2 and E.3"
            Erratum = Some "the exponent is μK/(2h), as in Lemma C.1 (VI-SGDA.16b)"
    }
