namespace Theory.Problems

open System
open System.Collections.Generic

/// What a server does with a gradient that has just arrived.
type Response = {
    /// The gradient enters the model (now or as part of a batch); otherwise it is discarded.
    Use: bool
    /// The model moves to its next version.
    Advance: bool
    /// After the response, workers whose gradient in flight has at least this delay are interrupted and restarted at the
    /// newest version; Int32.MaxValue interrupts nobody.
    InterruptFrom: int
    /// The worker waits for the next version instead of restarting at once.
    Wait: bool
}

/// A server: a pure rule from its own memory and the delay of an arrived gradient to a response.
[<NoEquality; NoComparison>]
type Server<'M> = {
    Name: string
    Memory: 'M
    /// Memory and delay (current version minus the version of the gradient) ↦ new memory and response.
    Respond: 'M -> int -> 'M * Response
}

/// One gradient that arrived at the server.
type Arrival = {
    /// Ticks since the start.
    Time: int64
    Worker: int
    /// The worker's r-th finished or interrupted gradient, counted from 0: the address of its sample.
    Sample: int
    /// When its computation started.
    Started: int64
    /// The version of the model at which it was computed.
    Version: int
    /// The version of the model just before the response.
    Current: int
    /// What the server did.
    Response: Response
} with

    /// Versions that the model made while the gradient was computed.
    member a.Delay = a.Current - a.Version

/// One run in progress: the queue of finish times. Mutable, and never leaves the sequence that made it.
[<Sealed>]
type private Simulation<'M>(times: int64[], server: Server<'M>) =
    let queue = PriorityQueue<struct (int * int), struct (int64 * int)>()
    let marks: int[] = Array.zeroCreate times.Length
    let versions: int[] = Array.zeroCreate times.Length
    let started: int64[] = Array.zeroCreate times.Length
    let samples = Array.create times.Length -1
    let waiting = Array.create times.Length false
    let mutable current = 0
    let mutable memory = server.Memory

    let start worker clock =
        marks[worker] <- marks[worker] + 1
        versions[worker] <- current
        started[worker] <- clock
        samples[worker] <- samples[worker] + 1
        waiting[worker] <- false
        queue.Enqueue(struct (worker, marks[worker]), struct (clock + times[worker], worker))

    let restart (response: Response) finisher clock =
        for worker in 0 .. times.Length - 1 do
            if worker = finisher && response.Wait && not response.Advance then
                waiting[worker] <- true
            elif worker = finisher then
                start worker clock
            elif waiting[worker] then
                if response.Advance then
                    start worker clock
            elif current - versions[worker] >= response.InterruptFrom then
                start worker clock

    do
        for worker in 0 .. times.Length - 1 do
            start worker 0L

    /// The next event; None when it belongs to an interrupted computation.
    member _.Next() : Arrival option =
        let mutable item = struct (0, 0)
        let mutable priority = struct (0L, 0)
        queue.TryDequeue(&item, &priority) |> ignore
        let struct (worker, mark) = item
        let struct (clock, _) = priority

        if mark <> marks[worker] then
            None
        else
            let next, response = server.Respond memory (current - versions[worker])

            let arrival = {
                Time = clock
                Worker = worker
                Sample = samples[worker]
                Started = started[worker]
                Version = versions[worker]
                Current = current
                Response = response
            }

            memory <- next

            if response.Advance then
                current <- current + 1

            restart response worker clock
            Some arrival

/// The fixed-computation-time model: worker i needs exactly τ_i ticks for one gradient; messages and the server take no
/// time. Times are integers, and ties go to the smallest worker index, so a run is a function of (τ, server).
[<RequireQualifiedAccess>]
module Workers =

    let private quiet = {
        Use = true
        Advance = true
        InterruptFrom = Int32.MaxValue
        Wait = false
    }

    /// Every gradient is applied at once (asynchronous SGD).
    let asynchronous: Server<unit> = {
        Name = "ASGD"
        Memory = ()
        Respond = fun () _ -> (), quiet
    }

    /// Gradients of delay ≥ R are discarded; with stops, computations whose delay reaches R are interrupted instead.
    let ringmaster (threshold: int) (stops: bool) : Server<unit> = {
        Name =
            if stops then
                $"Ringmaster({threshold}) with stops"
            else
                $"Ringmaster({threshold})"
        Memory = ()
        Respond =
            fun () delay ->
                (),
                {
                    quiet with
                        Use = delay < threshold
                        Advance = delay < threshold
                        InterruptFrom = if stops then threshold else Int32.MaxValue
                }
    }

    /// The first B gradients of the current version make one step; stale ones are discarded, or interrupted with stops.
    let rennala (batch: int) (stops: bool) : Server<int> = {
        Name =
            if stops then
                $"Rennala({batch}) with stops"
            else
                $"Rennala({batch})"
        Memory = 0
        Respond =
            fun gathered delay ->
                let useful = delay = 0
                let count = if useful then gathered + 1 else gathered

                (if count = batch then 0 else count),
                {
                    quiet with
                        Use = useful
                        Advance = useful && count = batch
                        InterruptFrom = if stops then 1 else Int32.MaxValue
                }
    }

    /// One gradient of every worker makes one step; who is done waits.
    let synchronous (workers: int) : Server<int> = {
        Name = "synchronous minibatch"
        Memory = 0
        Respond =
            fun gathered _ ->
                let count = gathered + 1

                (if count = workers then 0 else count),
                {
                    quiet with
                        Advance = (count = workers)
                        Wait = true
                }
    }

    /// All arrivals in order, without end, for computation times τ ≥ 1.
    let run (times: int64[]) (server: Server<'M>) : Arrival seq =
        if times.Length = 0 || times |> Array.exists (fun t -> t < 1L) then
            invalidArg (nameof times) "Computation times must be at least one tick each."

        seq {
            let simulation = Simulation<'M>(times, server)

            while true do
                match simulation.Next() with
                | Some arrival -> yield arrival
                | None -> ()
        }

    /// The arrivals up to and including the `count`-th step of the model.
    let untilStep (count: int) (arrivals: Arrival seq) : Arrival[] =
        arrivals
        |> Seq.scan (fun (_, steps) a -> Some a, (if a.Response.Advance then steps + 1 else steps)) (None, 0)
        |> Seq.tail
        |> Seq.takeWhile (fun (a, steps) -> steps < count || (steps = count && a.Value.Response.Advance))
        |> Seq.map (fun (a, _) -> a.Value)
        |> Array.ofSeq

    /// Times of the steps 1 .. count of the model.
    let stepTimes (count: int) (arrivals: Arrival seq) : int64[] =
        arrivals
        |> Seq.filter (fun a -> a.Response.Advance)
        |> Seq.take count
        |> Seq.map (fun a -> a.Time)
        |> Array.ofSeq

    /// Σ_i ⌊T/τ_i⌋: gradients finished by time T, inclusive, when nobody idles.
    let finished (times: int64[]) (time: int64) : int64 =
        times |> Array.sumBy (fun t -> time / t)

    /// min{t : Σ_i ⌊t/τ_i⌋ ≥ B}.
    let collectionTime (times: int64[]) (batch: int) : int64 =
        let rec bisect low high =
            // finished low < batch ≤ finished high
            if high - low <= 1L then
                high
            else
                let middle = low + (high - low) / 2L

                if finished times middle >= int64 batch then
                    bisect low middle
                else
                    bisect middle high

        bisect 0L (Array.min times * int64 batch)

    /// G_c(B) = min_m (B + c·m)/S_m with S_m = Σ_{i ≤ m} 1/τ_i over the m fastest workers.
    let harmonicTime (c: float) (batch: float) (times: int64[]) : float =
        let sorted = Array.sort times

        let rates =
            sorted |> Array.scan (fun sum t -> sum + 1.0 / float t) 0.0 |> Array.tail

        rates
        |> Array.mapi (fun i rate -> (batch + c * float (i + 1)) / rate)
        |> Array.min
