namespace Theory

open System
open System.Threading
open System.Threading.Tasks
open Theory.Numerics

/// A finished run: measures and counters at every recorded step, for every lane.
[<NoEquality; NoComparison>]
type RunResult<'S> = {
    /// Recorded steps, increasing; the first is 0.
    Steps: int[]
    /// measure × recorded step × lane.
    Measures: float[][][]
    /// Per counter: recorded step × lane, totals so far.
    Counters: Map<Counter, float[][]>
    /// Per lane, the step after which some number was not finite.
    DivergedAt: int option[]
    /// The last state of all lanes.
    Final: 'S
}

/// What to run.
[<NoEquality; NoComparison>]
type RunPlan<'S> = {
    Steps: int
    /// Record every so many steps (the last step is always recorded).
    Every: int
    /// Measured quantities, one number per lane each.
    Measures: ('S -> Block) list
    /// Called after each recorded step of the first chunk with the step and that chunk's measures of lane 0.
    Progress: (int -> float[] -> unit) option
}

/// Trajectories of many lanes. Replicates are cut into chunks whose state stays in the cache; each chunk runs to its
/// end before the next. Every draw is addressed by (seed, stream, lane, step, site), so the results depend neither on
/// the chunks nor on the threads.
[<RequireQualifiedAccess>]
module Run =

    /// Bytes of one block of a chunk: the state of a run stays in the second-level cache, no block becomes a large object, and
    /// a matrix product has enough rows.
    let private blockBytes = 64 * 1024

    let private chunkLanes (ctx: CheckContext) (codec: Codec<'S>) (state: 'S) lanes =
        match ctx.ChunkLanes with
        | Some count when count >= 1 -> min count lanes
        | Some count -> invalidArg "ChunkLanes" $"A chunk needs at least one lane, got {count}."
        | None ->
            let widest =
                codec.Blocks state
                |> Array.map (fun b -> b.Workers * b.Dimension * 8)
                |> Array.max

            let fit = max 1 (blockBytes / widest)
            // Equal chunks, as many for each thread.
            let threads = max 1 ctx.Threads
            let rounds = (lanes + fit * threads - 1) / (fit * threads)
            max 1 ((lanes + rounds * threads - 1) / (rounds * threads))

    let private recordedSteps plan = [|
        yield! [ 0 .. max 1 plan.Every .. plan.Steps ]
        if plan.Steps % max 1 plan.Every <> 0 then
            plan.Steps
    |]

    /// Runs `plan` from a state of one or more lanes.
    /// Raises OperationCanceledException when the context's token is cancelled.
    let trajectories (ctx: CheckContext) (proc: Process<'S, 'D>) (start: 'S) (plan: RunPlan<'S>) : RunResult<'S> =
        if plan.Steps < 0 then
            invalidArg (nameof plan) $"A run needs a number of steps ≥ 0, got {plan.Steps}."

        let codec = Codec.ofTemplate start
        let lanes = codec.Lanes start
        let start = codec.Stretch lanes start
        let size = chunkLanes ctx codec start lanes
        let chunks = (lanes + size - 1) / size
        let recorded = recordedSteps plan
        let position = Array.create (plan.Steps + 1) -1
        recorded |> Array.iteri (fun i k -> position[k] <- i)
        let measures = Array.ofList plan.Measures

        let values =
            measures
            |> Array.map (fun _ -> recorded |> Array.map (fun _ -> Array.zeroCreate lanes))

        let divergedAt: int option[] = Array.create lanes None
        let finals: 'S[] = Array.zeroCreate chunks
        let accounts = Array.init chunks (fun _ -> Map.empty<Counter, float[][]>)

        let runChunk chunk =
            let from = chunk * size
            let count = min size (lanes - from)
            let mutable state = start |> codec.Slice from count |> codec.On ctx.Engine
            let mutable totals = Map.empty<Counter, float[]>
            let mutable account = Map.empty<Counter, float[][]>

            let charge (c: Charge) =
                let sums =
                    match totals.TryFind c.Counter with
                    | Some sums -> sums
                    | None ->
                        let fresh = Array.zeroCreate count
                        totals <- totals.Add(c.Counter, fresh)
                        fresh

                for lane in 0 .. count - 1 do
                    sums[lane] <- sums[lane] + Charge.forLane lane c

            let record step =
                let at = position[step]

                measures
                |> Array.iteri (fun m measure ->
                    let block = measure state
                    let row = block.ToArray()

                    if block.Workers <> 1 || block.Dimension <> 1 then
                        invalidOp
                            $"Measure {m} must give one number per lane, but gave a block of shape {block.Shape}."

                    for lane in 0 .. count - 1 do
                        values[m].[at].[from + lane] <- Array.item (if row.Length = 1 then 0 else lane) row)

                for KeyValue(counter, sums) in totals do
                    let series =
                        match account.TryFind counter with
                        | Some series -> series
                        | None ->
                            let fresh = recorded |> Array.map (fun _ -> Array.zeroCreate count)
                            account <- account.Add(counter, fresh)
                            fresh

                    Array.blit sums 0 (Array.item at series) 0 count

                match plan.Progress with
                | Some report when chunk = 0 -> report step (values |> Array.map (fun v -> v[at].[0]))
                | _ -> ()

            use arena = StepArena.Open()
            arena.Outside(fun () -> record 0)

            for step in 0 .. plan.Steps - 1 do
                ctx.Cancellation.ThrowIfCancellationRequested()

                let outcome =
                    proc.Draw.Sample(DrawAddress(ctx.Seed, ctx.Stream, step, 0, from), count)

                state <- proc.Step outcome state
                codec.Materialise state
                proc.Cost outcome |> List.iter charge
                arena.EndStep(ReadOnlySpan(codec.Blocks state))

                if position[step + 1] >= 0 then
                    let finite = codec.Finite state

                    for lane in 0 .. count - 1 do
                        if
                            not finite[if finite.Length = 1 then 0 else lane]
                            && divergedAt[from + lane].IsNone
                        then
                            divergedAt[from + lane] <- Some(step + 1)

                    arena.Outside(fun () -> record (step + 1))

            finals[chunk] <- state
            accounts[chunk] <- account

        if ctx.Threads <= 1 || chunks = 1 then
            for chunk in 0 .. chunks - 1 do
                runChunk chunk
        else
            try
                Parallel.For(0, chunks, ParallelOptions(MaxDegreeOfParallelism = ctx.Threads), runChunk)
                |> ignore
            with :? AggregateException as failures ->
                raise (failures.Flatten().InnerExceptions[0])

        let counters =
            accounts
            |> Seq.collect Map.keys
            |> Seq.distinct
            |> Seq.map (fun counter ->
                counter,
                recorded
                |> Array.mapi (fun at _ ->
                    accounts
                    |> Array.mapi (fun chunk account ->
                        match account.TryFind counter with
                        | Some series -> series[at]
                        | None -> Array.zeroCreate (min size (lanes - chunk * size)))
                    |> Array.concat))
            |> Map.ofSeq

        let final =
            let fields = (codec.Blocks finals[0]).Length

            if chunks = 1 then
                finals[0]
            else
                Array.init fields (fun b ->
                    Block.ConcatLanes(
                        finals
                        |> Array.mapi (fun chunk s ->
                            Block.stretch (min size (lanes - chunk * size)) (Array.item b (codec.Blocks s)))
                    ))
                |> codec.WithBlocks finals[0]

        {
            Steps = recorded
            Measures = values
            Counters = counters
            DivergedAt = divergedAt
            Final = final
        }

    /// Measures at every step 0 .. steps, for every lane: measure × step × lane.
    let series ctx proc start steps measures =
        (trajectories ctx proc start {
            Steps = steps
            Every = 1
            Measures = measures
            Progress = None
        })
            .Measures

    /// The series summarised as a bound asks: entry k for k = 0 .. K (for means and minima, entry 0 repeats entry 1's
    /// first value, since a mean over no steps says nothing).
    let summarise summary (series: float[][]) : float[][] =
        let steps = series.Length
        let lanes = if steps = 0 then 0 else series[0].Length

        match summary with
        | Summary.Last -> series
        | Summary.RunningMean ->
            let sums = Array.zeroCreate lanes

            Array.init steps (fun k ->
                if k = 0 then
                    Array.copy series[0]
                else
                    for lane in 0 .. lanes - 1 do
                        sums[lane] <- sums[lane] + series[k - 1][lane]

                    sums |> Array.map (fun s -> s / float k))
        | Summary.RunningMin ->
            let least = if steps = 0 then [||] else Array.copy series[0]

            Array.init steps (fun k ->
                if k > 0 then
                    for lane in 0 .. lanes - 1 do
                        least[lane] <- min (Array.item lane least) (series[k - 1].[lane])

                Array.copy least)
