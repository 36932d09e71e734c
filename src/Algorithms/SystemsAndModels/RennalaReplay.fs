/// Rennala's iterates are minibatch SGD's: claim 1 of SM-RENNALA. Citation and method: Rennala.fs.
module Theory.Algorithms.SystemsAndModels.RennalaReplay

open FsCheck.FSharp
open Theory
open Theory.Numerics
open Theory.Problems

// ---- 1: the iterates are those of minibatch SGD --------------------------------------------------------------------

[<NoComparison>]
type ReplaySpec = {
    Schedule: string
    Workers: int
    Batch: int
    Stops: bool
    Dimension: int
    Seed: int
}

let private scheduleOf (s: ReplaySpec) =
    Schedules.times {
        Kind = s.Schedule
        Workers = s.Workers
        Slowest = 30
        Seed = s.Seed
    }

/// The server's event loop on a quadratic against minibatch SGD on the samples it used, for 30 steps, bit for bit.
/// `accept` says which arrivals enter the sum.
let private replayed (server: int -> bool -> Server<int>) (spec: ReplaySpec) =
    let f =
        Quadratic.distributed {
            Workers = 1
            Dimension = spec.Dimension
            Kappa = 10.0
            Spread = 1.0
            Seed = spec.Seed
        }
        :> IObjective

    let gamma = 0.5 / f.Smoothness
    let x0 = Block.Fill(Shape.Vector(1, 1, spec.Dimension), 3.0)

    // Worker i's r-th gradient uses the noise at (seed, i, r), whatever the schedule.
    let sample (a: Arrival) =
        Sampler.Gaussian(DrawAddress(uint64 spec.Seed, 0x72656eu, a.Sample, a.Worker, 0), 1, 1, spec.Dimension)

    let used =
        Workers.run (scheduleOf spec) (server spec.Batch spec.Stops)
        |> Workers.untilStep 30
        |> Array.filter (fun a -> a.Response.Use)

    /// Sums the gradients at the versions they were computed at.
    let eventLoop =
        let versions = ResizeArray [ x0 ]
        let mutable sum = Block.zeros 1 1 spec.Dimension

        for a in used do
            sum <- (sum + (f.Gradient versions[a.Version] + sample a)).Materialise()

            if a.Response.Advance then
                versions.Add((versions[versions.Count - 1] - (gamma / float spec.Batch) * sum).Materialise())
                sum <- Block.zeros 1 1 spec.Dimension

        List.ofSeq versions

    let minibatch =
        (x0, used |> Array.chunkBySize spec.Batch)
        ||> Array.scan (fun x batch ->
            let sum =
                (Block.zeros 1 1 spec.Dimension, batch)
                ||> Array.fold (fun sum a -> (sum + (f.Gradient x + sample a)).Materialise())

            (x - (gamma / float spec.Batch) * sum).Materialise())
        |> List.ofArray

    List.zip eventLoop minibatch
    |> List.mapi (fun k (a, b) -> {
        Label = $"‖x_{k} − minibatch x_{k}‖"
        Measured = (Block.lanes (Block.norm (a - b)))[0]
        Bound = 0.0
        Holds = (a.ToArray() = b.ToArray())
    })
    |> Schedules.identical

/// Rennala that lets gradients of delay one into the batch.
let private stale (batch: int) (stops: bool) : Server<int> =
    let fresh = Workers.rennala batch stops

    {
        fresh with
            Respond = fun gathered delay -> fresh.Respond gathered (if delay = 1 then 0 else delay)
    }

let private replayInstances: Instances<ReplaySpec> =
    Instances.generated
        (gen {
            let! schedule = Gen.elements [ "equal"; "linear"; "root"; "square"; "random" ]
            let! workers = Gen.choose (1, 8)
            let! batch = Gen.choose (1, 9)
            let! stops = Gen.elements [ true; false ]
            let! dimension = Gen.choose (1, 5)
            let! seed = Gen.choose (0, 1000)

            return {
                Schedule = schedule
                Workers = workers
                Batch = batch
                Stops = stops
                Dimension = dimension
                Seed = seed
            }
        })
        (fun s ->
            seq {
                if s.Workers > 1 then
                    { s with Workers = s.Workers - 1 }

                if s.Batch > 1 then
                    { s with Batch = s.Batch - 1 }

                if s.Dimension > 1 then
                    { s with Dimension = s.Dimension - 1 }
            })

let minibatch: Claim =
    Claim.create {
        Claim.spec
            "SM-RENNALA.1"
            ClaimKind.Exact
            "the iterates are those of minibatch SGD with batch B on the samples in the order of arrival, bit for bit"
            replayInstances
            (fun _ spec -> replayed Workers.rennala spec) with
            Formula = @"x^{k+1} = x^k - \tfrac{\gamma}{B}\sum_{b=1}^{B} \nabla f(x^k;\xi_{k,b})"
            Assumptions = "any computation times, with or without stops"
            Source = "derived: only gradients of the current version enter the sum"
            Falsifiers = [
                Falsifier.check "gradients of delay one are accepted" (fun _ spec -> replayed stale spec)
                |> Falsifier.at [
                    {
                        Schedule = "linear"
                        Workers = 4
                        Batch = 3
                        Stops = false
                        Dimension = 2
                        Seed = 1
                    }
                ]
            ]
    }
