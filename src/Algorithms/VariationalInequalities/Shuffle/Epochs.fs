/// What an epoch goes through, and when the orders make no difference (VI-SHUFFLE.3 and .4).
module Theory.Algorithms.VariationalInequalities.Epochs

open Theory
open Theory.Numerics
open Theory.Problems
open Theory.Algorithms
open Theory.Algorithms.VariationalInequalities.ShuffledExtragradient

let private game workers : GameSpec = {
    Workers = workers
    Dimension = 1
    Mu = 0.5
    Curvature = 0.5
    Coupling = 1.0
    Deviation = 0.3
    Offset = 1.0
    Seed = 1
}

let private solvable (spec: GameSpec) = spec.Mu > 0.0 || spec.Coupling > 0.0

// ---- VI-SHUFFLE.3 ----------------------------------------------------------------------------------------------

/// How often an epoch with this order calls each component.
let private calls (f: IFiniteSumOperator) (order: Indices) : float[] =
    let counts = Array.zeroCreate f.Count

    let recording = {
        new IFiniteSumOperator with
            member _.Count = f.Count
            member _.Operators z = f.Operators z

            member _.OperatorAt i z =
                counts[i.Values[0]] <- counts[i.Values[0]] + 1.0
                f.OperatorAt i z
        interface IOperator with
            member _.Operator z = f.Operator z
            member _.Solution = f.Solution
            member _.Lipschitz = f.Lipschitz
            member _.Monotonicity = f.Monotonicity
        interface IProblem with
            member _.Name = f.Name
            member _.Dimension = f.Dimension
            member _.Constants = f.Constants
    }

    (epoch recording { Gamma = 0.1 } order f.Solution).Materialise() |> ignore
    counts

/// Every order of `once` calls each component twice and sums the components to nF; `independent` leaves some out.
let private coverage (spec: GameSpec) (once: int -> Draw<Indices>) (independent: int -> Draw<Indices>) =
    let f = Games.quadratic spec :> IFiniteSumOperator
    let n = f.Count

    let each = [
        for o in (once n).Outcomes do
            for i, count in Array.indexed (calls f o.Outcome) do
                Evidence.row Relation.Equal 1 1 $"calls of component {i} in one epoch" count 2.0
    ]

    let untouched =
        (independent n).Outcomes
        |> Array.sumBy (fun o ->
            let left = calls f o.Outcome |> Array.filter ((=) 0.0)
            o.Probability * float left.Length)

    let expected = float n * (1.0 - 1.0 / float n) ** float n

    let sums = [
        for o in (once n).Outcomes do
            let through (s: State) =
                Seq.init n (fun t -> f.OperatorAt (Order.at t o.Outcome) s.Z)
                |> Seq.reduce (fun a b -> a + b)

            AffineIdentity.forEveryState { State.Z = f.Solution } None through (fun s -> float n * f.Operator s.Z)
    ]

    Pieces.all [
        Evidence.ofRows Rung.Enumerated Relation.Equal each
        Evidence.ofRows Rung.Enumerated Relation.Equal [
            Evidence.row
                Relation.Equal
                n
                (pown n n)
                "components left out by independent draws, on average"
                untouched
                expected
        ]
        yield! sums
    ]

let private permutation n = Draw.permutation n
let private withReplacement n = Draw.indices n n

let coverageClaim: Claim =
    Claim.create {
        Claim.spec
            "VI-SHUFFLE.3"
            ClaimKind.Exact
            "an epoch of EG-RR uses each component once and Σ_tF_{π_t}(z) = nF(z) for every π and z; one of EG-IID leaves n(1−1/n)^n components out on average"
            (GameSpec.instances 4 1 |> Instances.startingWith [ game 3 ])
            (fun _ spec -> coverage spec permutation withReplacement) with
            Formula = @"\sum_{t=1}^nF_{\pi_t}(z)=nF(z),\qquad \mathbb E\,\#\{\text{untouched}\}=n(1-\tfrac1n)^n"
            Assumptions = "π a permutation; independent indices uniform"
            Source = "derived"
            Valid = solvable
            Falsifiers = [
                Falsifier.check "EG-RR draws with replacement" (fun _ spec ->
                    coverage spec withReplacement withReplacement)
                |> Falsifier.at [ game 2 ]
                Falsifier.check "EG-IID draws a permutation" (fun _ spec -> coverage spec permutation permutation)
                |> Falsifier.at [ game 2 ]
            ]
            Tight = Some { Instance = game 3; AtLeast = 1.0 }
    }

// ---- VI-SHUFFLE.4 ----------------------------------------------------------------------------------------------

/// One operator n times; for the falsifier the first offset is moved.
let private copies (spec: GameSpec) count moved : IFiniteSumOperator =
    let one = Games.quadratic { spec with Workers = 1 }

    let offset i =
        one.Offsets[0] |> Array.map (fun v -> if i = 0 then v + moved else v)

    AffineOperator($"one game {count} times", Array.create count one.Matrices[0], Array.init count offset, [])

/// An epoch of RR, of IID and two of SO against as many steps of EG on F, for every outcome and every start.
let private coincide (f: IFiniteSumOperator) =
    let gamma = (parameters f).Gamma
    let p: Parameters = { Gamma = gamma }

    let deterministic epochs (s: State) =
        let eg: Extragradient.State = { Z = s.Z }

        (Seq.fold (fun e _ -> Extragradient.step f { Gamma = gamma } e) eg (seq { 1 .. epochs * f.Count })).Z

    let against epochs (proc: Process<State, 'D>) =
        AffineIdentity.everyOutcome proc { State.Z = f.Solution } None (fun s -> s.Z) (deterministic epochs)

    let twice: Process<State, Indices * Indices> = {
        Name = "two epochs of EG-SO"
        Draw = Draw.both (once.Draw f p) (once.Draw f p)
        Step =
            fun (first, second) s ->
                once.Init f p s.Z
                |> once.Step f p first
                |> once.Step f p second
                |> fun last -> { Z = last.Z }
        Cost = fun _ -> []
    }

    Pieces.all [
        against 1 (Method.on f p reshuffled)
        against 1 (Method.on f p independent)
        against 2 twice
    ]

let coincideClaim: Claim =
    Claim.create {
        Claim.spec
            "VI-SHUFFLE.4"
            ClaimKind.Exact
            "n = 1, or all F_i equal: EG-RR, EG-SO, EG-IID and deterministic EG coincide, for every outcome and every start"
            (GameSpec.instances 3 1
             |> Instances.counts 1 3 20
             |> Instances.startingWith [ game 1; game 3 ])
            (fun _ spec -> coincide (copies spec spec.Workers 0.0)) with
            Formula = @"F_1=\dots=F_n \Rightarrow z^{RR}=z^{SO}=z^{IID}=z^{EG}"
            Assumptions = "the same γ"
            Source = "derived"
            Valid = solvable
            Falsifiers = [
                Falsifier.check "one offset moved by 0.5" (fun _ spec ->
                    coincide (copies spec (max 2 spec.Workers) 0.5))
            ]
            Tight = Some { Instance = game 3; AtLeast = 1.0 }
    }
