namespace Theory.Algorithms.SystemsAndModels

open FsCheck.FSharp
open Theory
open Theory.Problems

/// Computation times described by a few numbers.
[<NoComparison>]
type ScheduleSpec = {
    /// equal | linear (i) | root (√i) | square (i²) | straggler (1, …, 1, M) | random (1 … M, ties likely).
    Kind: string
    Workers: int
    /// M of straggler and random.
    Slowest: int
    Seed: int
}

/// Schedules of computation times, in ticks.
[<RequireQualifiedAccess>]
module Schedules =

    /// τ_1 … τ_n. Roots are rounded to hundredths, so that all times are integers.
    let times (spec: ScheduleSpec) : int64[] =
        if spec.Workers < 1 || spec.Slowest < 1 then
            invalidArg
                (nameof spec)
                $"A schedule needs Workers ≥ 1 and Slowest ≥ 1, got {spec.Workers} and {spec.Slowest}."

        Array.init spec.Workers (fun at ->
            let i = at + 1

            match spec.Kind with
            | "equal" -> 1L
            | "linear" -> int64 i
            | "root" -> int64 (round (100.0 * sqrt (float i)))
            | "square" -> int64 i * int64 i
            | "straggler" -> if i = spec.Workers then int64 spec.Slowest else 1L
            | "random" ->
                let uniform =
                    Theory.Numerics.Sampler.Index(
                        Theory.Numerics.DrawAddress(uint64 spec.Seed, 0x7461u, 0, at, 0),
                        1,
                        1,
                        1,
                        spec.Slowest
                    )

                1L + int64 uniform.Values[0]
            | other -> invalidArg (nameof spec) $"There is no schedule '{other}'.")

    /// A schedule of a kind.
    let spec kind workers slowest = {
        Kind = kind
        Workers = workers
        Slowest = slowest
        Seed = 1
    }

    /// The schedules that the catalogue uses everywhere.
    let standard = [
        spec "equal" 5 1
        spec "linear" 6 1
        spec "root" 20 1
        spec "square" 10 1
        spec "straggler" 2 1000
    ]

    let private generator =
        gen {
            let! kind =
                Gen.elements [ "equal"; "linear"; "root"; "square"; "straggler"; "random" ]

            let! workers = Gen.choose (1, 12)
            let! slowest = Gen.elements [ 1; 2; 5; 30; 1000 ]
            let! seed = Gen.choose (0, 1000)

            return {
                Kind = kind
                Workers = workers
                Slowest = slowest
                Seed = seed
            }
        }

    let private shrink (s: ScheduleSpec) =
        seq {
            if s.Workers > 1 then
                { s with Workers = s.Workers - 1 }

            if s.Slowest > 2 then
                { s with Slowest = s.Slowest / 2 }

            if s.Kind <> "equal" then
                { s with Kind = "equal" }
        }

    /// Evidence from rows that hold only bit for bit: attained when they do.
    let identical (rows: Row list) : Evidence =
        let evidence = Evidence.ofRows Rung.Trajectories Relation.Equal rows

        {
            evidence with
                Tightness =
                    if evidence.Violation.IsNone then
                        1.0
                    else
                        evidence.Tightness
        }

    /// The standard schedules, then generated ones.
    let instances: Instances<ScheduleSpec> =
        Instances.generated generator shrink |> Instances.startingWith standard
