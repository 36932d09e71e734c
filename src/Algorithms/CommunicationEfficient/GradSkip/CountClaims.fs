/// CE-GRADSKIP.2: the optimal coins, and the gradients that clients compute in a round.
module Theory.Algorithms.CommunicationEfficient.GradSkipCounts

open Theory
open Theory.Numerics
open Theory.Problems
open Theory.Algorithms
open Theory.Algorithms.CommunicationEfficient.GradSkip
open Theory.Algorithms.CommunicationEfficient.GradSkipClients

let private equal label steps measured expected =
    Evidence.row Relation.Equal 1 steps label measured expected

/// P(client i goes on) in a step: no communication, and heads.
let private goesOn (p: Parameters) i = p.Q[i] * (1.0 - p.P)

/// γ = 1/Lmax and ρ = 1/κmax at the optimal coins; the mean count in terms of κ_i, below its two bounds.
let private optimal (f: IFiniteSum) (p: Parameters) =
    let mu = ProxSkip.smallestConvexity f
    let kappa = f.Smoothnesses |> Array.map (fun l -> l / mu)
    let worst = Array.max kappa
    let root = sqrt worst

    let mean i =
        kappa[i] * (1.0 + root) / (kappa[i] + root)

    Evidence.all [
        Evidence.ofRows Rung.Enumerated Relation.Equal [
            equal "γ = 1/Lmax" 1 p.Gamma (1.0 / Array.max f.Smoothnesses)
            equal "ρ = 1/κmax" 1 (rate f p) (1.0 / worst)
            for i in 0 .. f.Count - 1 do
                equal $"mean count of client {i}" 1 (1.0 / (1.0 - goesOn p i)) (mean i)
        ]
        Evidence.ofRows Rung.Enumerated Relation.AtMost [
            for i in 0 .. f.Count - 1 do
                Evidence.row Relation.AtMost 1 1 $"client {i}: κ_i(1+1/√κmax)" (mean i) (kappa[i] * (1.0 + 1.0 / root))
                Evidence.row Relation.AtMost 1 1 $"client {i}: ProxSkip's count, plus one" (mean i) (1.0 + root)
        ]
    ]

/// One number a client, 1 while it computes in the first round.
type private Watch = { Computing: Block }

/// P(N_i > k) by propagating the method's own coins, against a geometric law and its mean.
let private law (success: Parameters -> int -> float) (f: IFiniteSum) (p: Parameters) =
    let none = Block.zeros f.Count 1 1

    let proc: Process<Watch, Mask * Mask> = {
        Name = "clients that compute"
        Draw = GradSkip.method.Draw f p
        Step =
            fun (theta, eta) s -> {
                Computing = Block.choose theta (0.0 * s.Computing) (Block.choose eta s.Computing (0.0 * s.Computing))
            }
        Cost = fun _ -> []
    }

    let start = { Computing = none.AddConstant 1.0 }
    let slowest = Seq.init f.Count (goesOn p) |> Seq.max
    // Beyond this, (q_i(1−p))^k is rounding.
    let steps =
        if slowest = 0.0 then
            2
        else
            2 + int (ceil (log Rounding.epsilon / log slowest))

    let one i (s: Watch) = s.Computing.Worker i
    let watched = List.init f.Count one

    match Moments.series proc { Computing = none } start steps watched with
    | Error reason -> Evidence.undecided Rung.Moments reason
    | Ok all ->
        Evidence.ofRows Rung.Moments Relation.Equal [
            for i in 0 .. f.Count - 1 do
                let fails = 1.0 - success p i

                for k in 1 .. min 15 steps do
                    equal $"P(N_{i} > {k})" k all[i].[k] (fails ** float k)

                equal $"E N_{i}" steps (Array.sum all[i]) (1.0 / success p i)
        ]

/// E of what a round is charged for client i, over all lengths and stops, the other clients stopping at once.
let private charged (success: Parameters -> int -> float) (f: IFiniteSum) (p: Parameters) i =
    let others = Mask(f.Count, 1, Array.init f.Count ((=) i))
    let nobody = Mask(f.Count, 1, Array.create f.Count false)
    let n = float f.Count

    let account length stop =
        let round = {
            Steps = Array.init length (fun k -> if k < stop - 1 then others else nobody)
            Lengths = [| length |]
        }

        n * Costs.total Counter.Gradients (GradSkipRounds.method.Cost f p round)
        - (n - 1.0)

    // E over the stop, which is past the end with probability q^length.
    let mean length =
        let q = p.Q[i]

        let weighed weight stop =
            if weight = 0.0 then 0.0 else weight * account length stop

        (Seq.init length (fun j -> weighed (q ** float j * (1.0 - q)) (j + 1)) |> Seq.sum)
        + weighed (q ** float length) (length + 1)

    equal $"E of the charge of client {i} in a round" 1 (GeometricStop.meanOverLengths p.P mean) (1.0 / success p i)

/// A client whose h_i is its gradient stands still in every step without a communication.
let private rests (keepShift: bool) (f: IFiniteSum) (p: Parameters) =
    let own = Method.on f p GradSkip.method

    let proc: Process<State, Mask> = {
        Name = "GradSkip between communications"
        Draw = UnequalCoins.draw p.Q
        Step = fun eta s -> own.Step (Mask.Constant false, eta) s
        Cost = fun _ -> []
    }

    AffineIdentity.everyOutcome
        proc
        (ProxSkip.fixedPoint f)
        (if keepShift then
             Some(fun (s: State) -> s.H - f.Gradients s.X)
         else
             None)
        (fun s -> Block.ConcatDimension(s.X, s.H))
        (fun s -> Block.ConcatDimension(s.X, s.H))

/// A round against the steps that it is made of, from every state, for a few outcomes; `last` is the final step's θ.
let private madeOfSteps (last: bool) (f: IFiniteSum) (p: Parameters) =
    let draw = GeometricStop.draw p.P (UnequalCoins.draw p.Q)

    let one site =
        let round = draw.Sample(DrawAddress(1UL, 0u, 0, 100000 * site, 0), 1)
        let length = round.Lengths[0]

        AffineIdentity.forEveryState
            (ProxSkip.fixedPoint f)
            None
            (fun s ->
                let next = GradSkipRounds.step f p round s
                Block.ConcatDimension(next.X, next.H))
            (fun s ->
                let next =
                    Array.truncate length round.Steps
                    |> Array.indexed
                    |> Array.fold
                        (fun s (k, eta) -> GradSkip.step f p (Mask.Constant(last && k = length - 1), eta) s)
                        s

                Block.ConcatDimension(next.X, next.H))

    Evidence.all (List.init 3 one)

/// q_i(1−p): the count per round is geometric with success 1 − q_i(1−p).
let private success (p: Parameters) i = 1.0 - goesOn p i

let private on check (spec: SkipSpec) =
    let f = problem spec :> IFiniteSum
    check f (parameters f spec)

let counts: Claim =
    Claim.create {
        Claim.spec
            "CE-GRADSKIP.2"
            ClaimKind.Count
            "client i computes N_i gradients in a round, P(N_i > k) = (q_i(1−p))^k; at p = 1/√κmax, q_i = (1−1/κ_i)/(1−1/κmax): γ = 1/Lmax, ρ = 1/κmax, E N_i = κ_i(1+√κmax)/(κ_i+√κmax)"
            instances
            (fun _ spec ->
                let f = problem spec :> IFiniteSum
                let p = parameters f spec

                Evidence.all [
                    if spec.Optimal then
                        optimal f p
                    law success f p
                    rests true f p
                ]) with
            Formula =
                @"\mathbb E N_i=\frac1{1-q_i(1-p)}=\frac{\kappa_i(1+\sqrt{\kappa_{\max}})}{\kappa_i+\sqrt{\kappa_{\max}}}\le\kappa_i\Bigl(1+\frac1{\sqrt{\kappa_{\max}}}\Bigr)"
            Assumptions = "after its first η_i = 0 a client has h_i = ∇f_i(x_i) and stands still until the next θ = 1"
            Source = "arXiv 2210.16402; derived: min of Geom(p) and Geom(1−q_i)"
            Valid = fun spec -> spec.Kappa1 > 1.0 || spec.Kappa2 > 1.0
            Falsifiers = [
                Falsifier.check "q_i in place of q_i(1−p)" (fun _ -> on (law (fun p i -> 1.0 - p.Q[i])))
                Falsifier.check "any h_i rests" (fun _ -> on (rests false))
            ]
            Tight =
                Some {
                    Instance = standard
                    AtLeast = 1.0 - 1e-9
                }
    }

let private charges success (f: IFiniteSum) (p: Parameters) =
    Evidence.ofRows Rung.Enumerated Relation.Equal [ for i in 0 .. f.Count - 1 -> charged success f p i ]

let counters: Claim =
    Claim.create {
        Claim.spec
            "CE-GRADSKIP.2b"
            ClaimKind.Count
            "GradSkip by rounds is GradSkip; its counter charges client i 1/(1−q_i(1−p)) gradients a round in expectation, ProxSkip's 1/p at q_i = 1"
            (instances
             |> Instances.startingWith [
                 {
                     standard with
                         Kappa1 = 10.0
                         Kappa2 = 3.0
                 }
             ]
             |> Instances.counts 1 3 20)
            (fun _ -> on (fun f p -> Evidence.all [ charges success f p; madeOfSteps true f p ])) with
            Formula = @"\mathbb E\,\mathrm{cost}_i=\frac1{1-q_i(1-p)}"
            Assumptions =
                "every length of a round and every stop of the client, with its probability; the others stop at once"
            Source = "derived; the method's own counter"
            // The stops of a round grow with the square of its length.
            Valid = fun spec -> (parameters (problem spec) spec).P >= 0.3
            Falsifiers = [
                Falsifier.check "q_i in place of q_i(1−p)" (fun _ -> on (charges (fun p i -> 1.0 - p.Q[i])))
                Falsifier.check "a round without its communication" (fun _ -> on (madeOfSteps false))
            ]
            Tight =
                Some {
                    Instance = { standard with Optimal = false }
                    AtLeast = 1.0 - 1e-9
                }
    }
