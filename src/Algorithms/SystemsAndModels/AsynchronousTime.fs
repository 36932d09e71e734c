/// Asynchronous SGD in time, its reductions, and the entry SM-ASGD. Citation and method: AsynchronousSGD.fs.
module Theory.Algorithms.SystemsAndModels.AsynchronousTime

open Theory
open Theory.Numerics
open Theory.Problems

// ---- 2: time -------------------------------------------------------------------------------------------------------

/// The longest time of R consecutive updates among 600, relative to G_c(R), with and without stops.
let private windows (goal: int64[] -> int -> float) (spec: ScheduleSpec) =
    let times = Schedules.times spec

    Evidence.ofRows Rung.Trajectories Relation.AtMost [
        for stops in [ false; true ] do
            for threshold in [ 1; 2; 4; 16; 64 ] do
                let at =
                    Array.append
                        [| 0L |]
                        (Workers.stepTimes 600 (Workers.run times (Workers.ringmaster threshold stops)))

                let longest =
                    Seq.init (601 - threshold) (fun k -> at[k + threshold] - at[k]) |> Seq.max

                let name = if stops then "with" else "without"
                Evidence.row Relation.AtMost 1 1 $"R = {threshold}, {name} stops" (float longest) (goal times threshold)
    ]

let seconds: Claim =
    Claim.create {
        Claim.spec
            "SM-ASGD.2"
            ClaimKind.Sure
            "any R consecutive updates of Ringmaster take at most G_2(R) seconds, with or without stops"
            (Schedules.instances
             |> Instances.startingWith [ Schedules.spec "straggler" 4 1000 ])
            (fun _ spec -> windows (fun times r -> Workers.harmonicTime 2.0 (float r) times) spec) with
            Formula = @"t_{k+R} - t_k \le \min_m \frac{R+2m}{S_m}"
            Assumptions = "fixed computation times"
            Source =
                "arXiv 2501.16168 (with 2·G_1(R)); derived: worker i finishes ⌊t/τ_i⌋ − 1 gradients started in the window"
            Falsifiers = [
                Falsifier.check "perfect use of every worker, R/S_n" (fun _ spec ->
                    windows (fun times r -> float r / (times |> Array.sumBy (fun t -> 1.0 / float t))) spec)
                Falsifier.check "G_1(R), as if all workers started with the window" (fun _ spec ->
                    windows (fun times r -> Workers.harmonicTime 1.0 (float r) times) spec)
            ]
    }

// ---- 3: reductions -------------------------------------------------------------------------------------------------

/// Iterates of an event run: each applied gradient is taken at `pick` of the arrival.
let private iterates
    (f: IObjective)
    gamma
    (noise: Arrival -> Block)
    (version: Arrival -> int)
    (arrivals: Arrival[])
    x0
    =
    let versions = ResizeArray<Block>([ x0 ])

    for a in arrivals do
        if a.Response.Use then
            let x = versions[versions.Count - 1]
            versions.Add((x - gamma * (f.Gradient versions[version a] + noise a)).Materialise())

    List.ofSeq versions

let private equal name (a: Block list) (b: Block list) =
    List.zip a b
    |> List.mapi (fun k (x: Block, y: Block) -> {
        Label = $"{name}: ‖x_{k} − y_{k}‖"
        Measured = (Block.lanes (Block.norm (x - y)))[0]
        Bound = 0.0
        Holds = (x.ToArray() = y.ToArray())
    })
    |> Schedules.identical

/// R = 1 with stops, one worker, and equal times without noise, against their simple forms, bit for bit.
let private reduces (version: Arrival -> int) (spec: ScheduleSpec) =
    let f = Wells 3 :> IObjective
    let x0 = Block.vector [| 1.0; -2.0; 0.5 |]
    let gamma = 0.05
    let steps = 60

    let noise (a: Arrival) =
        Sampler.Gaussian(DrawAddress(uint64 spec.Seed, 0x61737967u, a.Sample, a.Worker, 0), 1, 1, 3)

    let silent _ = Block.zeros 1 1 3

    let sequential noise (arrivals: Arrival[]) =
        (x0, arrivals |> Array.filter (fun a -> a.Response.Use))
        ||> Array.scan (fun x a -> (x - gamma * (f.Gradient x + noise a)).Materialise())
        |> List.ofArray

    let stopped =
        Workers.run (Schedules.times spec) (Workers.ringmaster 1 true)
        |> Workers.untilStep steps

    let alone =
        Workers.run [| 7L |] (Workers.ringmaster 5 false) |> Workers.untilStep steps

    let together =
        Workers.run (Array.create spec.Workers 3L) Workers.asynchronous
        |> Workers.untilStep steps

    let delayed =
        let xs = ResizeArray<Block>([ x0 ])

        for k in 0 .. steps - 1 do
            xs.Add((xs[k] - gamma * (f.Gradient xs[max 0 (k - spec.Workers + 1)] + silent ())).Materialise())

        List.ofSeq xs

    Evidence.all [
        equal "R = 1 with stops against SGD" (iterates f gamma noise version stopped x0) (sequential noise stopped)
        equal "one worker against SGD" (iterates f gamma noise version alone x0) (sequential noise alone)
        equal "equal times against delay n − 1" (iterates f gamma silent version together x0) delayed
    ]

let reductions: Claim =
    Claim.create {
        Claim.spec
            "SM-ASGD.3"
            ClaimKind.Exact
            "R = 1 with stops is SGD, one worker is SGD, equal times without noise are gradient descent with delay n − 1, bit for bit"
            Schedules.instances
            (fun _ spec -> reduces (fun a -> a.Version) spec) with
            Formula = @"x^{k+1} = x^k - \gamma\nabla f(x^{\max(k-n+1,0)})"
            Assumptions = "ties go to the smallest worker index"
            Source = "derived: a stopped worker never carries a stale point; equal workers arrive in turn"
            Falsifiers = [
                Falsifier.check "a worker restarts at the version before its own update" (fun _ spec ->
                    reduces (fun a -> if a.Started = 0L then a.Version else max 0 (a.Version - 1)) spec)
            ]
    }

let paper: Paper = {
    Key = "SM-ASGD"
    Title = "Ringmaster ASGD: The First Asynchronous SGD with Optimal Time Complexity"
    Citation = "Maranjyan, Tyurin, Richtárik, ICML 2025, arXiv 2501.16168"
    Family = "systems-and-models"
    Problem = "min f, L-smooth (maybe nonconvex), gradient noise of variance σ²; worker i needs τ_i seconds"
    Methods = [ MethodEntry.create AsynchronousSGD.method ]
    Claims = [ AsynchronousSGD.convergence; AsynchronousSGD.limit; seconds; reductions ]
}
