/// Estimators on a chain by a few numbers: the instances of VI-MARKOV.1 and .4.
module Theory.Algorithms.VariationalInequalities.EstimatorSpecs

open FsCheck.FSharp
open Theory
open Theory.Problems

/// An estimator on a chain.
[<NoComparison>]
type EstimatorSpec = {
    /// As in `MarkovSpec`.
    Kernel: string
    States: int
    Move: float
    /// d of the noise.
    Dimension: int
    Batch: int
    /// ⌊log2 M⌋.
    Levels: int
    Seed: int
}

/// The chain of a specification.
let chainOf (spec: EstimatorSpec) =
    MarkovChains.ofSpec {
        Kernel = spec.Kernel
        States = spec.States
        Move = spec.Move
        Seed = spec.Seed
    }

/// Estimators on chains of the given kernels.
let instances kernels =
    let generator =
        gen {
            let! kernel = Gen.elements kernels
            let! states = Gen.choose (2, 4)
            let! move = Gen.elements [ 0.05; 0.2; 0.5; 0.9 ]
            let! dimension = Gen.choose (1, 2)
            let! batch = Gen.choose (1, 4)
            let! levels = Gen.choose (0, 5)
            let! seed = Gen.choose (0, 10000)

            return {
                Kernel = kernel
                States =
                    match kernel with
                    | "flip" -> 2
                    | "three" -> 3
                    | _ -> states
                Move = move
                Dimension = dimension
                Batch = batch
                Levels = levels
                Seed = seed
            }
        }

    let shrink (spec: EstimatorSpec) =
        seq {
            if spec.Levels > 0 then
                { spec with Levels = spec.Levels - 1 }

            if spec.Batch > 1 then
                { spec with Batch = 1 }

            if spec.Dimension > 1 then
                { spec with Dimension = 1 }
        }

    Instances.generated generator shrink

/// On the chain with three states.
let three levels batch : EstimatorSpec = {
    Kernel = "three"
    States = 3
    Move = 0.0
    Dimension = 2
    Batch = batch
    Levels = levels
    Seed = 1
}
