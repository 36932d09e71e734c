/// Rennala SGD: asynchronous minibatches of gradients at the current point.
///
/// Tyurin, Richtárik, "Optimal Time Complexities of Parallel Stochastic Optimization Methods Under a Fixed Computation
/// Model", NeurIPS 2023.
/// Problem: min f, L-smooth, stochastic gradients with E‖ξ‖² ≤ σ²; worker i needs τ_i ticks for one of them.
module Theory.Algorithms.SystemsAndModels.Rennala

open System
open FsCheck.FSharp
open Theory
open Theory.Numerics
open Theory.Problems
open Theory.Algorithms

type Parameters = {
    Gamma: float
    /// B, gradients in one step.
    Batch: int
    /// σ of the Gaussian gradient noise.
    Sigma: float
    /// n workers with τ_i = i ticks.
    Workers: int
}

/// B = max{1, ⌈σ²/ε⌉}, γ = min{1/L, εB/(2Lσ²)}.
let parametersFor (sigma: float) (epsilon: float) (f: IObjective) : Parameters =
    let batch = max 1.0 (ceil (sigma * sigma / epsilon))

    {
        Gamma =
            if sigma = 0.0 then
                1.0 / f.Smoothness
            else
                min (1.0 / f.Smoothness) (epsilon * batch / (2.0 * f.Smoothness * sigma * sigma))
        Batch = int batch
        Sigma = sigma
        Workers = 4
    }

type State = {
    /// The iterate x_k.
    X: Block
}

/// x⁺ = x − (γ/B) Σ_b (∇f(x) + ξ_b), the noise in the order of arrival: B × lanes × d.
let step (f: IObjective) (p: Parameters) (noise: Block) (s: State) : State = {
    X = s.X - p.Gamma * Block.mean (f.Gradient s.X + noise)
}

/// σ²-noise of B gradients.
let private noise (p: Parameters) dimension : Draw<Block> =
    if p.Sigma = 0.0 then
        Draw.always (Block.zeros p.Batch 1 dimension)
    else
        Draw.gaussians p.Batch dimension
        |> Draw.map (fun xi -> (p.Sigma / sqrt (float dimension)) * xi)

let private times (p: Parameters) =
    Array.init p.Workers (fun i -> int64 (i + 1))

/// 2Δ/(γk) + γLσ²/B on the mean of ‖∇f‖² over k steps.
let private stationarity (f: IObjective) (p: Parameters) (boundBatch: int) : RunBound<State> = {
    Name = "SM-RENNALA.2: mean of ‖∇f(x_k)‖²"
    Measure = fun s -> Block.normSquared (f.Gradient s.X)
    Summary = Summary.RunningMean
    Scale = fun s -> f.Value s.X - Block.scalar f.Infimum
    Bound =
        fun k delta ->
            2.0 * delta / (p.Gamma * float (max k 1))
            + p.Gamma * f.Smoothness * p.Sigma ** 2.0 / float boundBatch
    InExpectation = true
}

let method: Method<IObjective, Parameters, State, Block> = {
    Name = "Rennala SGD"
    Summary = "collect B gradients at x from whoever is first, with stops; x⁺ = x − (γ/B) Σ g"
    Rule = parametersFor 1.0 0.25
    Conditions =
        fun f p -> [
            Condition.positive "γ" p.Gamma
            Condition.atMost "γ" p.Gamma "1/L" (1.0 / f.Smoothness)
            Condition.positive "B" (float p.Batch)
        ]
    Draw = fun f p -> noise p f.Dimension
    Init = fun _ _ x0 -> { X = x0 }
    Step = step
    Output = fun s -> s.X
    Cost =
        fun _ p _ -> [
            Charge.each Counter.Gradients 1.0
            // With stops every round takes exactly t(B).
            Charge.each Counter.Seconds (float (Workers.collectionTime (times p) p.Batch))
        ]
    FixedPoint = fun _ _ -> None
    Bounds = fun f p -> [ stationarity f p p.Batch ]
}

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

// ---- 2: the rate ---------------------------------------------------------------------------------------------------

[<NoComparison>]
type NoiseSpec = {
    Dimension: int
    Kappa: float
    Batch: int
    Sigma: float
    /// γL ∈ (0, 1].
    Step: float
    Steps: int
    Seed: int
}

let private rate (change: Parameters -> Parameters) (spec: NoiseSpec) =
    let f =
        Quadratic.distributed {
            Workers = 1
            Dimension = spec.Dimension
            Kappa = spec.Kappa
            Spread = 0.0
            Seed = spec.Seed
        }
        :> IObjective

    let p = {
        Gamma = spec.Step / f.Smoothness
        Batch = spec.Batch
        Sigma = spec.Sigma
        Workers = 1
    }

    let start = {
        X = Block.Fill(Shape.Vector(1, 1, spec.Dimension), 1.0)
    }

    Moments.bound
        (Method.on f (change p) method)
        { X = f.Minimiser }
        start
        spec.Steps
        Relation.AtMost
        (stationarity f p spec.Batch)

let private attained = {
    Dimension = 1
    Kappa = 1.0
    Batch = 4
    Sigma = 2.0
    Step = 1.0
    Steps = 400
    Seed = 1
}

let private noiseInstances: Instances<NoiseSpec> =
    Instances.generated
        (gen {
            let! dimension = Gen.choose (1, 4)
            let! kappa = Gen.elements [ 1.0; 5.0; 50.0 ]
            let! batch = Gen.choose (1, 6)
            let! sigma = Gen.elements [ 0.0; 0.3; 2.0 ]
            let! step = Gen.elements [ 0.05; 0.3; 1.0 ]
            let! seed = Gen.choose (0, 1000)

            return {
                Dimension = dimension
                Kappa = kappa
                Batch = batch
                Sigma = sigma
                Step = step
                Steps = 120
                Seed = seed
            }
        })
        (fun s ->
            seq {
                if s.Dimension > 1 then
                    { s with Dimension = s.Dimension - 1 }

                if s.Batch > 1 then
                    { s with Batch = s.Batch - 1 }

                if s.Steps > 5 then
                    { s with Steps = s.Steps / 2 }
            })
    |> Instances.startingWith [ attained ]

let convergence: Claim =
    Claim.create {
        Claim.spec
            "SM-RENNALA.2"
            ClaimKind.Mean
            "(1/K) Σ_{k<K} E‖∇f(x_k)‖² ≤ 2Δ/(γK) + γLσ²/B for γ ≤ 1/L"
            noiseInstances
            (fun _ spec -> rate id spec) with
            Formula =
                @"\frac1K\sum_{k<K}\mathbb E\|\nabla f(x^k)\|^2 \le \frac{2\Delta}{\gamma K} + \frac{\gamma L\sigma^2}{B}"
            Assumptions = "f L-smooth, E‖ξ‖² ≤ σ², γ ≤ 1/L"
            Source = "derived: descent lemma with a minibatch of B"
            Falsifiers = [
                Falsifier.check "a batch of B/4 in the run only" (fun _ spec ->
                    rate (fun p -> { p with Batch = max 1 (p.Batch / 4) }) spec)
                Falsifier.check "γ = 2.05/L" (fun _ spec ->
                    rate (fun p -> { p with Gamma = 2.05 * p.Gamma }) { spec with Step = 1.0 })
            ]
            Tight = Some { Instance = attained; AtLeast = 0.99 }
    }

// ---- 3, 4: time ----------------------------------------------------------------------------------------------------

let private durations (times: int64[]) server count =
    let at = Workers.stepTimes count (Workers.run times server)
    Array.init count (fun k -> float (if k = 0 then at[0] else at[k] - at[k - 1]))

/// Round 0 and, with stops, every round takes t(B); without stops later rounds take at most G_2(B).
let private roundTimes (server: int64[] -> int -> bool -> int -> float[]) (spec: ScheduleSpec) =
    let times = Schedules.times spec

    Evidence.all [
        for batch in [ 1; 3; 8; 40 ] do
            let collect = float (Workers.collectionTime times batch)
            let later = Workers.harmonicTime 2.0 (float batch) times
            let without = server times batch false 25

            Evidence.ofRows Rung.Trajectories Relation.Equal [
                Evidence.row Relation.Equal 1 1 $"B = {batch}, round 0" without[0] collect
                for k, t in Array.indexed (server times batch true 25) do
                    Evidence.row Relation.Equal 1 1 $"B = {batch}, round {k} with stops" t collect
            ]

            Evidence.ofRows Rung.Trajectories Relation.AtMost [
                for k in 1..24 ->
                    Evidence.row Relation.AtMost 1 1 $"B = {batch}, round {k} without stops" without[k] later
            ]
    ]

let private rennalaTimes times batch stops count =
    durations times (Workers.rennala batch stops) count

let seconds: Claim =
    Claim.create {
        Claim.spec
            "SM-RENNALA.3"
            ClaimKind.Sure
            "round 0 takes t(B), later rounds ≤ G_2(B) without stops and exactly t(B) with stops"
            Schedules.instances
            (fun _ spec -> roundTimes rennalaTimes spec) with
            Formula = @"T_0 = t(B),\quad T_k \le G_2(B) = \min_m \frac{B+2m}{S_m}"
            Assumptions = "fixed computation times"
            Source = "derived: from any moment worker i finishes at least ⌊t/τ_i⌋ − 1 fresh gradients in time t"
            Falsifiers = [
                Falsifier.check "synchronous minibatches" (fun _ spec ->
                    roundTimes (fun times _ _ count -> durations times (Workers.synchronous times.Length) count) spec)
                |> Falsifier.at [ Schedules.spec "straggler" 5 1000000 ]
            ]
    }

[<NoComparison>]
type StragglerSpec = { Workers: int; Slowest: int }

/// Ticks for ten rounds: synchronous minibatches against Rennala with stops, batch n.
let private straggler (spec: StragglerSpec) =
    let times = Schedules.times (Schedules.spec "straggler" spec.Workers spec.Slowest)
    let total server = Array.sum (durations times server 10)

    Evidence.ofRows Rung.Trajectories Relation.Equal [
        Evidence.row
            Relation.Equal
            1
            1
            "synchronous: K·M"
            (total (Workers.synchronous spec.Workers))
            (10.0 * float spec.Slowest)
        Evidence.row Relation.Equal 1 1 "Rennala with stops: 2K" (total (Workers.rennala spec.Workers true)) 20.0
    ]

let robustness: Claim =
    Claim.create {
        Claim.spec
            "SM-RENNALA.4"
            ClaimKind.Count
            "τ = (1, …, 1, M), B = n ≥ 3, M > 2: synchronous minibatches take K·M, Rennala with stops 2K"
            (Instances.only [
                for n in [ 3; 8; 50 ] do
                    for m in [ 3; 1000 ] -> { Workers = n; Slowest = m }
            ])
            (fun _ spec -> straggler spec) with
            Formula = @"T_{\mathrm{sync}} = KM,\quad T_{\mathrm{Rennala}} = 2K"
            Assumptions = "n ≥ 3, M > 2"
            Source = "derived: the n − 1 fast workers deliver 2(n−1) ≥ n by time 2 and n − 1 < n by time 1"
            Valid = fun spec -> spec.Workers >= 3 && spec.Slowest > 2
            Falsifiers = [ Falsifier.check "M = 1" (fun _ spec -> straggler { spec with Slowest = 1 }) ]
    }

let paper: Paper = {
    Key = "SM-RENNALA"
    Title = "Rennala SGD"
    Citation = "Tyurin, Richtárik, Optimal Time Complexities of Parallel Stochastic Optimization Methods, NeurIPS 2023"
    Family = "systems-and-models"
    Problem = "min f, L-smooth, gradient noise of variance σ²; worker i needs τ_i seconds for a gradient"
    Methods = [ MethodEntry.create method ]
    Claims = [ minibatch; convergence; seconds; robustness ]
}
