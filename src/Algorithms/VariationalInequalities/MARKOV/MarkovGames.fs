/// Rotation games with Markovian noise: the instances of VI-MARKOV.5.
module Theory.Algorithms.VariationalInequalities.MarkovGames

open FsCheck.FSharp
open Theory
open Theory.Problems

/// A rotation game with Markovian noise.
[<NoComparison>]
type MarkovGameSpec = {
    /// As in `MarkovSpec`.
    Kernel: string
    States: int
    Move: float
    Blocks: int
    Mu: float
    Skew: float
    Sigma: float
    Batch: int
    /// ⌊log2 M⌋.
    Levels: int
    Seed: int
}

/// The game with its noise.
let problem (spec: MarkovGameSpec) =
    let chain =
        MarkovChains.ofSpec {
            Kernel = spec.Kernel
            States = spec.States
            Move = spec.Move
            Seed = spec.Seed
        }

    let game =
        Games.rotationBlocks {
            Workers = 1
            Blocks = spec.Blocks
            Mu = spec.Mu
            MuSpread = 0.0
            Skew = spec.Skew
            SkewSpread = 0.0
            Offset = 1.0
            Seed = spec.Seed
        }

    MarkovOperator(game, MarkovNoise.random chain (2 * spec.Blocks) spec.Sigma spec.Seed)

/// Two samples on the chain with three states, ⌊log2 M⌋ = 2.
let standard: MarkovGameSpec = {
    Kernel = "three"
    States = 3
    Move = 0.0
    Blocks = 1
    Mu = 0.3
    Skew = 1.0
    Sigma = 1.0
    Batch = 2
    Levels = 2
    Seed = 1
}

/// A game without noise and without rotation.
let calm: MarkovGameSpec = {
    standard with
        Sigma = 0.0
        Skew = 0.0
        Mu = 1.0
}

/// Games as a claim's instances.
let instances =
    let generator =
        gen {
            let! kernel = Gen.elements [ "flip"; "lazy"; "three" ]
            let! move = Gen.elements [ 0.1; 0.5 ]
            let! blocks = Gen.choose (1, 2)
            let! mu = Gen.elements [ 0.01; 0.1; 1.0 ]
            let! skew = Gen.elements [ 0.0; 1.0; 10.0 ]
            let! sigma = Gen.elements [ 0.0; 1.0; 5.0 ]
            let! batch = Gen.choose (1, 4)
            let! levels = Gen.choose (0, 3)
            let! seed = Gen.choose (0, 10000)

            return {
                Kernel = kernel
                States = if kernel = "flip" then 2 else 3
                Move = move
                Blocks = blocks
                Mu = mu
                Skew = skew
                Sigma = sigma
                Batch = batch
                Levels = levels
                Seed = seed
            }
        }

    let shrink (spec: MarkovGameSpec) =
        seq {
            if spec.Blocks > 1 then
                { spec with Blocks = 1 }

            if spec.Levels > 0 then
                { spec with Levels = spec.Levels - 1 }

            if spec.Batch > 1 then
                { spec with Batch = 1 }
        }

    Instances.generated generator shrink
