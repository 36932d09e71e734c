/// Rennala in time, and the entry SM-RENNALA. Citation and method: Rennala.fs.
module Theory.Algorithms.SystemsAndModels.RennalaTime

open Theory
open Theory.Problems

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
    Methods = [ MethodEntry.create Rennala.method ]
    Claims = [ RennalaReplay.minibatch; Rennala.convergence; seconds; robustness ]
}
