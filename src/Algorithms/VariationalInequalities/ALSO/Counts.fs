/// What ALSO stores and evaluates, and why its scaling needs a long memory.
module Theory.Algorithms.VariationalInequalities.ALSOCounts

open FsCheck.FSharp
open Theory
open Theory.Numerics
open Theory.Problems
open Theory.Algorithms
open Theory.Algorithms.VariationalInequalities.ALSOMethods

// ---- VI-ALSO.7 -------------------------------------------------------------------------------------------------

/// The problem, telling `seen` of every evaluation of its gradients.
let private watched (f: IGroupSaddle) (seen: unit -> unit) : IGroupSaddle = {
    new IGroupSaddle with
        member _.Groups = f.Groups
        member _.Lambda = f.Lambda
        member _.Prior = f.Prior
        member _.Losses theta = f.Losses theta

        member _.Gradients theta =
            seen ()
            f.Gradients theta

        member _.Smoothness = f.Smoothness
        member _.GradientBound = f.GradientBound
        member _.Radius = f.Radius
        member _.Infimum = f.Infimum
        member _.Saddle = f.Saddle
    interface IProblem with
        member _.Name = f.Name
        member _.Dimension = f.Dimension
        member _.Constants = f.Constants
}

/// Extragradient with the same steps: evaluates at the start of the iteration and ahead.
let private extragradient (f: IGroupSaddle) (p: Parameters) (s: State) : State =
    let ahead = stepWith weigh f p s
    let there = stepWith weigh f p ahead

    {
        there with
            Theta = s.Theta + there.Theta - ahead.Theta
    }

/// Gradients evaluated and declared, and numbers stored beside θ and Adam's moments, of so many steps.
let private counts (spec: SineSpec) label (make: IGroupSaddle -> Process<'S, unit> * 'S) stored perStep =
    let problem = Groups.sines spec :> IGroupSaddle
    let steps = 7
    let mutable calls = 0
    let proc, start = make (watched problem (fun () -> calls <- calls + 1))
    let codec = Codec.ofTemplate start
    let mutable s = start
    let mutable declared = 0.0

    for _ in 1..steps do
        s <- proc.Step () s
        codec.Materialise s

        for charge in proc.Cost() do
            if charge.Counter = Counter.Gradients then
                declared <- declared + Charge.forLane 0 charge

    let row what measured bound =
        Evidence.row Relation.Equal 1 1 $"{label}: {what}" (float measured) (float bound)

    [
        row "gradients evaluated" (float calls) (float (steps * perStep))
        row "gradients declared" declared (float (steps * perStep))
        row "numbers stored beside θ, m, v" (float (codec.Dimension - 3 * problem.Dimension)) (float (stored problem))
    ]

let private origin (f: IGroupSaddle) = Block.zeros 1 1 f.Dimension

let private optimisticCounts spec =
    counts
        spec
        "optimistic"
        (fun f -> Method.on f parameters optimistic, initOptimistic f (origin f))
        (fun f -> 2 * f.Groups + f.Dimension)
        1

let private directCounts spec step =
    counts
        spec
        "descent-ascent"
        (fun f ->
            {
                Method.on f parameters method with
                    Step = fun () s -> step f parameters s
            },
            init f (origin f))
        (fun f -> f.Groups)
        1

let private evidenceOf rows =
    Evidence.ofRows Rung.Trajectories Relation.Equal rows

let private three: SineSpec = {
    Groups = 3
    Dimension = 2
    Slope = 1.0
    Opposite = false
    Level = 0.3
    First = 0.0
    Lambda = 0.3
    Seed = 1
}

let countClaim: Claim =
    Claim.create {
        Claim.spec
            "VI-ALSO.7"
            ClaimKind.Count
            "extra state: 2c numbers (π and the last losses) and one stored gradient in the optimistic mode, c without; one gradient a step in both"
            (Groups.sineInstances 5 4 |> Instances.startingWith [ three ])
            (fun _ spec -> optimisticCounts spec @ directCounts spec (stepWith weigh) |> evidenceOf) with
            Formula = @"\text{optimistic: } 2c+d \text{ numbers},\ 1\text{ gradient a step}"
            Assumptions = "c groups, θ of dimension d; beside θ and Adam's two moments"
            Source = "the authors' public code"
            Falsifiers = [
                Falsifier.check "extragradient, two evaluations" (fun _ spec ->
                    directCounts spec extragradient |> evidenceOf)
            ]
            Tight = Some { Instance = three; AtLeast = 1.0 }
    }

// ---- VI-ALSO.9 -------------------------------------------------------------------------------------------------

/// A gradient of two values: High with probability P, −Low otherwise; its mean is positive, its median negative.
[<NoComparison>]
type TwoPointSpec = { High: float; Low: float; P: float }

let private mean spec =
    spec.P * spec.High - (1.0 - spec.P) * spec.Low

let private square spec =
    spec.P * spec.High ** 2.0 + (1.0 - spec.P) * spec.Low ** 2.0

/// The β₂ at which the expected scaled step vanishes: p·a/√(βv+(1−β)a²) = (1−p)·b/√(βv+(1−β)b²), squared.
let private threshold spec =
    let up, down = (spec.P * spec.High) ** 2.0, ((1.0 - spec.P) * spec.Low) ** 2.0
    let v, a, b = square spec, spec.High ** 2.0, spec.Low ** 2.0
    (down * a - up * b) / (up * (v - b) - down * (v - a))

/// A point and Adam's second moment.
type private Scaled = {
    /// x.
    X: Block
    /// v.
    V: Block
}

/// E[g/√(β₂v + (1−β₂)g²)] at v = E g², from one step of the method with stepsize 1 and β₁ = 0 over both outcomes.
let private expected spec beta2 =
    let proc: Process<Scaled, Mask> = {
        Name = "scaled step"
        Draw = Draw.coin spec.P
        Step =
            fun coin s ->
                let g = Block.choose coin (Block.scalar spec.High) (Block.scalar -spec.Low)
                let v = Adam.second beta2 s.V g

                {
                    X = s.X - Adam.direction 0.0 0.0 0.0 1 g v
                    V = v
                }
        Cost = fun _ -> []
    }

    let start = {
        X = Block.scalar 0.0
        V = Block.scalar (square spec)
    }

    (Enumerated.expectation proc (fun s next -> s.X - next.X) start)[0]

/// The same in closed form.
let private closed spec beta2 =
    let part probability (g: float) =
        probability * g / sqrt (beta2 * square spec + (1.0 - beta2) * g * g)

    part spec.P spec.High - part (1.0 - spec.P) spec.Low

/// 2p − 1 at β₂ = 0, 0 at the threshold, mean/√v at 1; signs as claimed at given β₂.
let private signs spec (claimed: (float * Relation) list) =
    let identity label value wanted = {
        Label = label
        Measured = value
        Bound = wanted
        Holds = abs (value - wanted) <= Rounding.identity 16.0 1.0
    }

    let root = threshold spec

    let identities =
        [
            identity "β₂ = 0" (expected spec 0.0) (2.0 * spec.P - 1.0)
            identity "β₂ = ½" (expected spec 0.5) (closed spec 0.5)
            identity "threshold" (expected spec root) 0.0
            identity "β₂ = 1" (expected spec 1.0) (mean spec / sqrt (square spec))
        ]
        |> Evidence.ofRows Rung.Enumerated Relation.Equal

    let sides =
        claimed
        |> List.map (fun (beta2, relation) ->
            [
                Evidence.row relation 1 1 $"sign at β₂ = {beta2:G3}" (expected spec beta2) 0.0
            ]
            |> Evidence.ofRows Rung.Enumerated relation)

    {
        Evidence.all (identities :: sides) with
            Tightness = if identities.Violation.IsNone then 1.0 else infinity
    }

let private aroundThreshold spec =
    let root = threshold spec

    [
        for t in [ 0.0; 0.25; 0.5; 0.9 ] do
            t * root, Relation.AtMost
        for t in [ 0.1; 0.5; 0.9; 1.0 ] do
            root + t * (1.0 - root), Relation.AtLeast
    ]

let private paper: TwoPointSpec = { High = 5.0; Low = 1.0; P = 0.25 }

let private laws =
    let generator =
        gen {
            let! high = Gen.elements [ 2.0; 5.0; 10.0; 30.0 ]
            let! low = Gen.elements [ 0.5; 1.0 ]
            let! p = Gen.elements [ 0.1; 0.25; 0.4 ]
            return { High = high; Low = low; P = p }
        }

    Instances.generated generator (fun _ -> Seq.empty)

let signClaim: Claim =
    Claim.create {
        Claim.spec
            "VI-ALSO.9"
            ClaimKind.Exact
            "a two-point gradient of positive mean: the expected scaled step is negative for β₂ below a threshold in (0, 1), zero there, positive above"
            (laws |> Instances.startingWith [ paper ])
            (fun _ spec -> signs spec (aroundThreshold spec)) with
            Formula =
                @"g\in\{5\,(\tfrac14),-1\,(\tfrac34)\}:\ \mathbb E\frac{g}{\sqrt{\beta_2v+(1-\beta_2)g^2}}=-\tfrac12,\,-\tfrac1{16},\,0\ \text{at}\ \beta_2=0,\,\tfrac12,\,\tfrac{25}{39}"
            Assumptions = "g = a with probability p < ½, −b otherwise, pa > (1−p)b, v = E g², β₁ = 0"
            Source =
                "derived (two-point law); reviewers object to the inner product with the scaled step being nonnegative"
            Valid = fun spec -> spec.P < 0.5 && mean spec > 0.0
            Falsifiers = [
                Falsifier.check "negative at β₂ = 0.9" (fun _ spec -> signs spec [ (0.9, Relation.AtMost) ])
                |> Falsifier.at [ paper ]
                Falsifier.check "nonnegative at β₂ = 0" (fun _ spec -> signs spec [ (0.0, Relation.AtLeast) ])
            ]
            Tight = Some { Instance = paper; AtLeast = 1.0 }
    }
