/// Inputs of aggregation rules: good vectors under several laws, and the attacks on them.
module Theory.Algorithms.RobustAndPrivate.Crowds

open FsCheck.FSharp
open Theory
open Theory.Numerics
open Theory.Algorithms.RobustAndPrivate

/// n inputs, f of them bad.
[<NoComparison>]
type CrowdSpec = {
    Workers: int
    Faulty: int
    Dimension: int
    /// gaussian | signs | heavy | ones (f ones and the rest zeros).
    Law: string
    Seed: int
}

type Crowd = {
    /// Messages of the good workers.
    Good: Block
    /// Messages of the bad workers.
    Bad: Block
}

/// Independent crowds at once.
let lanes = 4

/// The good vectors: G × lanes × d.
let goodOf (spec: CrowdSpec) : Block =
    let g = spec.Workers - spec.Faulty
    let address = DrawAddress(uint64 spec.Seed, 0x676f6f64u, 0, 0, 0)

    match spec.Law with
    | "gaussian" -> Sampler.Gaussian(address, g, lanes, spec.Dimension)
    | "signs" -> (Sampler.Gaussian(address, g, lanes, spec.Dimension)).Sign()
    | "heavy" -> Sampler.StudentT(address, g, lanes, spec.Dimension, 1.2)
    | "ones" ->
        Block.Own(
            Shape.Vector(g, lanes, spec.Dimension),
            Array.init (g * lanes * spec.Dimension) (fun at ->
                if at / (lanes * spec.Dimension) < spec.Faulty then
                    1.0
                else
                    0.0)
        )
    | other -> invalidArg (nameof spec) $"There is no law '{other}'."

/// The attacks by name.
let attacks (f: int) = [
    "inner product 0.1", Aggregators.innerProduct 0.1 f
    "inner product 10", Aggregators.innerProduct 10.0 f
    "a little is enough", Aggregators.littleIsEnough f
    "bit flip", Aggregators.bitFlip f
    "mimic", Aggregators.mimic f
    "far away", Aggregators.far 1e6 f
]

/// A specification with seed 1.
let crowd workers faulty dimension law = {
    Workers = workers
    Faulty = faulty
    Dimension = dimension
    Law = law
    Seed = 1
}

/// Generated crowds with 1 ≤ f < n/2.
let crowdInstances: Instances<CrowdSpec> =
    Instances.generated
        (gen {
            let! workers = Gen.choose (3, 15)
            let! faulty = Gen.choose (1, (workers - 1) / 2)
            let! dimension = Gen.choose (1, 4)
            let! law = Gen.elements [ "gaussian"; "signs"; "heavy"; "ones" ]
            let! seed = Gen.choose (0, 10000)

            return {
                crowd workers faulty dimension law with
                    Seed = seed
            }
        })
        (fun s ->
            seq {
                if s.Dimension > 1 then
                    { s with Dimension = s.Dimension - 1 }

                if s.Workers > 2 * s.Faulty + 1 then
                    { s with Workers = s.Workers - 1 }

                if s.Faulty > 1 then
                    { s with Faulty = s.Faulty - 1 }
            })
    |> Instances.startingWith [ crowd 11 2 2 "gaussian"; crowd 7 3 2 "ones" ]
