/// The fixed-computation-time model.
///
/// Tyurin, Richtárik, "Optimal Time Complexities of Parallel Stochastic Optimization Methods Under a Fixed Computation
/// Model", NeurIPS 2023.
/// Problem: n workers; worker i needs τ_i ticks for a stochastic gradient; the server and the messages take no time.
/// S_m = Σ_{i ≤ m} 1/τ_i over the m fastest, G_c(B) = min_m (B + c·m)/S_m.
module Theory.Algorithms.SystemsAndModels.EventModel

open Theory
open Theory.Problems

let private rows relation list =
    Evidence.ofRows Rung.Trajectories relation list

let private row relation label measured bound =
    Evidence.row relation 1 1 label measured bound

// ---- 1: counting ---------------------------------------------------------------------------------------------------

/// Gradients that have arrived when the clock shows `time`, by running asynchronous SGD.
let private arrivedBy (inTime: int64 -> int64 -> bool) (times: int64[]) (time: int64) =
    Workers.run times Workers.asynchronous
    |> Seq.takeWhile (fun a -> inTime a.Time time)
    |> Seq.length

let private counts inTime (spec: ScheduleSpec) =
    let times = Schedules.times spec

    let moments =
        Workers.run times Workers.asynchronous
        |> Seq.truncate 60
        |> Seq.map (fun a -> a.Time)
        |> Seq.distinct
        |> List.ofSeq

    [
        for t in moments do
            for probe in [ t; t + 1L ] ->
                row
                    Relation.Equal
                    $"gradients finished by {probe}"
                    (float (arrivedBy inTime times probe))
                    (float (Workers.finished times probe))
    ]
    |> rows Relation.Equal

let counting: Claim =
    Claim.create {
        Claim.spec
            "SM-EVENTS.1"
            ClaimKind.Exact
            "workers that never idle finish Σ_i ⌊T/τ_i⌋ gradients by time T, inclusive"
            Schedules.instances
            (fun _ spec -> counts (<=) spec) with
            Formula = @"N(T) = \sum_i \lfloor T/\tau_i \rfloor"
            Assumptions = "all workers start at time 0 and restart at once; integer τ_i"
            Source = "definition of the model"
            Falsifiers = [ Falsifier.check "events strictly before T" (fun _ spec -> counts (<) spec) ]
    }

// ---- 2: collecting a batch -----------------------------------------------------------------------------------------

let private batches = [ 1; 2; 5; 17; 100; 1000 ]

/// t(B): when the B-th gradient arrives.
let private fromRest (times: int64[]) batch =
    (Workers.run times Workers.asynchronous |> Seq.item (batch - 1)).Time

/// The same for gradients that are started after tick 1, when every slower worker is in the middle of a stale one.
let private midway (times: int64[]) batch =
    (Workers.run times Workers.asynchronous
     |> Seq.filter (fun a -> a.Started >= 1L)
     |> Seq.item (batch - 1))
        .Time
    - 1L

/// lower·½G_1(B) ≤ t(B) ≤ upper·G_1(B).
let private collects lower upper (collect: int64[] -> int -> int64) (spec: ScheduleSpec) =
    let times = Schedules.times spec

    let goal b =
        Workers.harmonicTime 1.0 (float b) times

    Evidence.all [
        batches
        |> List.map (fun b -> row Relation.AtMost $"t({b}) ≤ G_1({b})" (float (collect times b)) (upper * goal b))
        |> rows Relation.AtMost
        batches
        |> List.map (fun b ->
            row Relation.AtLeast $"t({b}) ≥ ½G_1({b})" (float (collect times b)) (lower * 0.5 * goal b))
        |> rows Relation.AtLeast
    ]

let collection: Claim =
    Claim.create {
        Claim.spec
            "SM-EVENTS.2"
            ClaimKind.Sure
            "½G_1(B) ≤ t(B) ≤ G_1(B), t(B) the time to collect B gradients from rest"
            Schedules.instances
            (fun _ spec -> collects 1.0 1.0 fromRest spec) with
            Formula = @"\tfrac12 G_1(B) \le t(B) \le G_1(B)"
            Assumptions = "all workers start at time 0 at one point; every B ≥ 1 and every τ"
            Source = "derived: floors lose less than m at m workers; each term of the sum is at least 1"
            Falsifiers = [
                Falsifier.check "lower bound × 1.05" (fun _ spec -> collects 1.05 1.0 fromRest spec)
                Falsifier.check "upper bound × 0.95" (fun _ spec -> collects 1.0 0.95 fromRest spec)
                Falsifier.check "workers in the middle of stale gradients" (fun _ spec -> collects 1.0 1.0 midway spec)
                |> Falsifier.at [
                    {
                        Kind = "random"
                        Workers = 5
                        Slowest = 1000
                        Seed = 3
                    }
                ]
            ]
            Tight =
                Some {
                    Instance = Schedules.spec "equal" 5 1
                    AtLeast = 1.0
                }
    }

// ---- 3: delays -----------------------------------------------------------------------------------------------------

/// Σ δ_k over K updates plus the ages of the gradients still in flight.
let private delaySum (delay: Arrival -> int) updates (times: int64[]) =
    let arrivals =
        Workers.run times Workers.asynchronous |> Seq.truncate updates |> Array.ofSeq

    let inFlight =
        Array.init times.Length (fun worker ->
            match arrivals |> Array.tryFindBack (fun a -> a.Worker = worker) with
            | Some last -> updates - (last.Current + 1)
            | None -> updates)

    Array.sumBy delay arrivals + Array.sum inFlight

let private conserves delay (spec: ScheduleSpec) =
    let times = Schedules.times spec

    [ 1; 7; 100; 500 ]
    |> List.map (fun k ->
        row
            Relation.Equal
            $"delays and ages after {k} updates"
            (float (delaySum delay k times))
            (float ((times.Length - 1) * k)))
    |> rows Relation.Equal

let conservation: Claim =
    Claim.create {
        Claim.spec
            "SM-EVENTS.3"
            ClaimKind.Exact
            "Σ_{k<K} δ_k + Σ_i (K − v_i) = (n−1)K for asynchronous SGD: the average delay is at most n − 1"
            Schedules.instances
            (fun _ spec -> conserves (fun a -> a.Delay) spec) with
            Formula = @"\sum_{k<K}\delta_k + \sum_i (K - v_i) = (n-1)K"
            Assumptions = "all workers always busy, nothing interrupted or discarded"
            Source = "derived: an update raises by one the age of the n − 1 gradients in flight"
            Falsifiers = [
                Falsifier.check "delay counted after the update" (fun _ spec -> conserves (fun a -> a.Delay + 1) spec)
            ]
    }

// ---- 4: frequencies ------------------------------------------------------------------------------------------------

let private multiple (times: int64[]) =
    let rec gcd a b = if b = 0L then a else gcd b (a % b)
    // Saturates: a product of many periods overflows.
    times |> Array.fold (fun l t -> if l > 1000000L then l else l / gcd l t * t) 1L

let private expectedCount (times: int64[]) period worker = float (period / times[worker])

/// Updates of each worker in one period, and the range of its delays.
let private shares (expected: int64[] -> int64 -> int -> float) (spec: ScheduleSpec) =
    let times = Schedules.times spec
    let period = multiple times

    let arrivals =
        Workers.run times Workers.asynchronous
        |> Seq.takeWhile (fun a -> a.Time <= period)
        |> Array.ofSeq

    let others round worker =
        times
        |> Array.indexed
        |> Array.sumBy (fun (j, t) -> if j = worker then 0L else round times[worker] t)
        |> float

    let own = arrivals |> Array.groupBy (fun a -> a.Worker) |> Map.ofArray

    Evidence.all [
        [
            for worker in 0 .. times.Length - 1 ->
                row
                    Relation.Equal
                    $"updates of worker {worker} in {period} ticks"
                    (float own[worker].Length)
                    (expected times period worker)
        ]
        |> rows Relation.Equal
        [
            for worker in 0 .. times.Length - 1 ->
                let most = own[worker] |> Array.map (fun a -> a.Delay) |> Array.max

                row
                    Relation.AtMost
                    $"largest delay of worker {worker}"
                    (float most)
                    (others (fun a b -> (a + b - 1L) / b) worker)
        ]
        |> rows Relation.AtMost
        [
            for worker in 0 .. times.Length - 1 do
                // Nobody finishes at time 0, so a worker's first gradient sees fewer updates.
                match own[worker] |> Array.skip 1 with
                | [||] -> ()
                | later ->
                    let least = later |> Array.map (fun a -> a.Delay) |> Array.min

                    row
                        Relation.AtLeast
                        $"least delay of worker {worker}"
                        (float least)
                        (others (fun a b -> a / b) worker)
            row Relation.AtLeast "arrivals counted" (float arrivals.Length) (float times.Length)
        ]
        |> rows Relation.AtLeast
    ]

let frequencies: Claim =
    Claim.create {
        Claim.spec
            "SM-EVENTS.4"
            ClaimKind.Exact
            "worker i makes the share (1/τ_i)/Σ(1/τ_j) of the updates; Σ_{j≠i}⌊τ_i/τ_j⌋ ≤ delay ≤ Σ_{j≠i}⌈τ_i/τ_j⌉"
            Schedules.instances
            (fun _ spec -> shares expectedCount spec) with
            Formula =
                @"p_i = \frac{1/\tau_i}{\sum_j 1/\tau_j},\quad \sum_{j\ne i}\lfloor\tau_i/\tau_j\rfloor \le \delta \le \sum_{j\ne i}\lceil\tau_i/\tau_j\rceil"
            Assumptions = "integer τ_i, T a multiple of all; the lower bound not for a worker's first gradient"
            Source = "derived: counting multiples of τ_j in an interval of length τ_i"
            // A period of a few thousand ticks is enough.
            Valid = fun spec -> multiple (Schedules.times spec) <= 50000L
            Falsifiers = [
                Falsifier.check "shares proportional to τ" (fun _ spec ->
                    shares
                        (fun times period worker ->
                            let total = times |> Array.sumBy (fun t -> period / t)
                            float total * float times[worker] / float (Array.sum times))
                        spec)
            ]
    }

let paper: Paper = {
    Key = "SM-EVENTS"
    Title = "The fixed-computation-time model"
    Citation = "Tyurin, Richtárik, Optimal Time Complexities of Parallel Stochastic Optimization Methods, NeurIPS 2023"
    Family = "systems-and-models"
    Problem = "n workers; worker i needs exactly τ_i seconds for one stochastic gradient"
    Methods = []
    Claims = [ counting; collection; conservation; frequencies ]
}
