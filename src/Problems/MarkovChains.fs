namespace Theory.Problems

open FsCheck.FSharp
open Theory
open Theory.Numerics

/// A Markov chain by a few numbers.
[<NoComparison>]
type MarkovSpec = {
    /// "flip": two states that change with probability Move. "lazy": each of `States` states keeps with probability
    /// 1 − Move and else jumps by its own random law. "independent": each state jumps by the same random law. "three":
    /// [[.9, .1, 0], [.2, .7, .1], [.05, .05, .9]].
    Kernel: string
    /// m ≥ 2; two for "flip", three for "three".
    States: int
    Move: float
    Seed: int
}

/// Builders of Markov chains.
[<RequireQualifiedAccess>]
module MarkovChains =

    /// The symmetric chain on two states that changes with probability ε.
    let flip (epsilon: float) : MarkovChain =
        MarkovChain(
            $"two states, flip probability {epsilon:G4}",
            Matrix.Create(2, 2, (fun i j -> if i = j then 1.0 - epsilon else epsilon))
        )

    /// The deterministic walk 0 → 1 → … → `last`, which it never leaves.
    let walk (last: int) : MarkovChain =
        MarkovChain(
            $"walk of {last} steps",
            Matrix.Create(last + 1, last + 1, (fun i j -> if j = min last (i + 1) then 1.0 else 0.0))
        )

    /// A random law on m states, no probability of which is tiny.
    let private randomLaw seed site m =
        let raw = Linear.gaussians seed site m |> Array.map (fun g -> exp (0.7 * tanh g))
        raw |> Array.map (fun v -> v / Array.sum raw)

    /// The chain of a specification.
    let ofSpec (spec: MarkovSpec) : MarkovChain =
        let m = spec.States

        match spec.Kernel with
        | "flip" -> flip spec.Move
        | "three" -> MarkovChain("three states", Matrix(3, 3, [| 0.9; 0.1; 0.0; 0.2; 0.7; 0.1; 0.05; 0.05; 0.9 |]))
        | "independent" ->
            let law = randomLaw spec.Seed 1 m
            MarkovChain($"{m} independent states", Matrix.Create(m, m, (fun _ j -> law[j])))
        | "lazy" ->
            let laws = Array.init m (randomLaw spec.Seed >> fun law -> law m)

            MarkovChain(
                $"{m} states, moving with probability {spec.Move:G4}",
                Matrix.Create(m, m, (fun i j -> spec.Move * laws[i].[j] + (if i = j then 1.0 - spec.Move else 0.0)))
            )
        | other ->
            invalidArg (nameof spec) $"There is no kernel '{other}'; there are flip, lazy, independent and three."

    let private generator maxStates : FsCheck.Gen<MarkovSpec> =
        gen {
            let! kernel = Gen.elements [ "flip"; "lazy"; "lazy"; "three" ]
            let! states = Gen.choose (2, maxStates)
            let! move = Gen.elements [ 0.05; 0.2; 0.5; 0.9 ]
            let! seed = Gen.choose (0, 10000)

            return {
                Kernel = kernel
                States =
                    match kernel with
                    | "flip" -> 2
                    | "three" -> 3
                    | _ -> states
                Move = move
                Seed = seed
            }
        }

    let private shrink (spec: MarkovSpec) : MarkovSpec seq =
        seq {
            if spec.Kernel = "lazy" && spec.States > 2 then
                { spec with States = spec.States - 1 }

            if spec.Seed > 0 then
                { spec with Seed = spec.Seed / 2 }
        }

    /// The chain with three states of the specification.
    let three: MarkovSpec = {
        Kernel = "three"
        States = 3
        Move = 0.0
        Seed = 1
    }

    /// The two-state chain of the specification.
    let flipping (epsilon: float) : MarkovSpec = {
        Kernel = "flip"
        States = 2
        Move = epsilon
        Seed = 1
    }

    /// Chains as a claim's instances.
    let instances maxStates : Instances<MarkovSpec> =
        Instances.generated (generator maxStates) shrink
