namespace Theory

open System
open Theory.Numerics

/// One property that every method keeps, checked on one problem.
type ContractCheck = {
    Property: string
    /// None when it holds, else what was found.
    Failure: string option
}

/// The contract that every registered method keeps: purity, independence of lanes, chunks, threads and engines, fixed
/// point, honest counters.
[<RequireQualifiedAccess>]
module Contract =

    let private steps = 12
    let private lanes = 5

    let private bits (rows: float[][]) =
        rows |> Array.map (Array.map BitConverter.DoubleToInt64Bits)

    let private final ctx proc start count =
        (Run.trajectories ctx proc start {
            Steps = count
            Every = 1
            Measures = []
            Progress = None
        })
            .Final

    let private check property holds (failure: unit -> string) = {
        Property = property
        Failure = if holds then None else Some(failure ())
    }

    let private distance (a: float[][]) (b: float[][]) =
        Array.map2 (fun x y -> Array.map2 (fun (u: float) v -> abs (u - v)) x y |> Array.max) a b
        |> Array.max

    let private size (rows: float[][]) =
        rows |> Array.map (Array.map abs >> Array.max) |> Array.max

    /// All properties of one method on one problem from random starts.
    let verify
        (ctx: CheckContext)
        (method: Method<'Q, 'P, 'S, 'D>)
        (problem: 'Q)
        (counting: 'Q option)
        (counts: unit -> Map<Counter, float>)
        (dimension: int)
        : ContractCheck list =
        let parameters = method.Rule problem
        let proc = Method.on problem parameters method
        let x0 = CheckContext.gaussianStarts ctx 1 lanes dimension 1.0
        let start = method.Init problem parameters x0
        let codec = Codec.ofTemplate start

        let run ctx start =
            final ctx proc start steps |> codec.Stretch lanes |> codec.Pack

        let batch = run ctx start

        let alone =
            Array.init lanes (fun lane ->
                // The same lane of the same run: start of lane `lane`, draws of lane `lane`.
                let own = codec.Slice lane 1 (codec.Stretch lanes start)
                let mutable state = codec.On ctx.Engine own

                for k in 0 .. steps - 1 do
                    let outcome = proc.Draw.Sample(DrawAddress(ctx.Seed, ctx.Stream, k, 0, lane), 1)
                    state <- proc.Step outcome state
                    codec.Materialise state

                (codec.Pack(codec.Stretch 1 state))[0])

        let before = codec.Pack(codec.Stretch lanes start)

        [
            check "same inputs, same bits" (bits batch = bits (run ctx start)) (fun () -> "two runs differ")
            check "one lane of a batch equals a run alone, bit for bit" (bits batch = bits alone) (fun () ->
                $"largest difference {distance batch alone:G3}")
            check
                "results do not depend on chunks or threads"
                (bits batch =
                    bits (
                        run
                            {
                                ctx with
                                    ChunkLanes = Some 2
                                    Threads = 2
                            }
                            start
                    ))
                (fun () -> "chunks of 2 lanes on 2 threads differ")
            check "inputs are not mutated" (bits before = bits (codec.Pack(codec.Stretch lanes start))) (fun () ->
                "the start changed")

            let other =
                if ctx.Engine.Name = "reference" then
                    Engines.Cpu
                else
                    Engines.Reference

            let elsewhere = run { ctx with Engine = other } start

            let allowed =
                Rounding.allowance (float (steps * codec.Dimension)) (size batch + size elsewhere + 1.0)

            check "engines agree" (distance batch elsewhere <= allowed) (fun () ->
                $"engines {ctx.Engine.Name} and {other.Name} differ by {distance batch elsewhere:G3}, allowed {allowed:G3}")

            check "every number stays finite" (batch |> Array.forall (Array.forall Double.IsFinite)) (fun () ->
                "a lane is not finite")

            let poisoned =
                let rows = codec.Pack(codec.Stretch lanes start)
                rows[1] <- rows[1] |> Array.map (fun _ -> nan)
                run ctx (codec.Unpack start rows)

            let others rows =
                rows |> Array.indexed |> Array.filter (fun (i, _) -> i <> 1) |> Array.map snd

            check "a lane that diverges harms no other" (bits (others batch) = bits (others poisoned)) (fun () ->
                "a lane of NaN changed another lane")

            match method.FixedPoint problem parameters with
            | None -> ()
            | Some point ->
                let own = Codec.ofTemplate point
                let packed = (own.Pack point)[0]
                let moved = Array.zeroCreate packed.Length

                let outcomes =
                    if proc.Draw.Count <= 4096.0 then
                        proc.Draw.Outcomes
                    else
                        Array.init 32 (fun k -> {
                            Probability = 1.0 / 32.0
                            Outcome = proc.Draw.Sample(DrawAddress(ctx.Seed, ctx.Stream, k, 0, 0), 1)
                        })

                for o in outcomes do
                    let next = (own.Pack(own.Stretch 1 (proc.Step o.Outcome point)))[0]

                    next
                    |> Array.iteri (fun i v -> moved[i] <- moved[i] + o.Probability * (v - packed[i]))

                let most = moved |> Array.map abs |> Array.max

                let allowed =
                    Rounding.allowance (float own.Dimension) (1.0 + (packed |> Array.map abs |> Array.max))

                check "the fixed point does not move in expectation" (most <= allowed) (fun () ->
                    $"it moves by {most:G3}")

            match counting with
            | None -> ()
            | Some counted ->
                let proc = Method.on counted parameters method
                let mutable state = codec.Slice 0 1 (codec.Stretch lanes start)
                let mutable declared = Map.empty<Counter, float>
                let fresh = counts ()

                for k in 0 .. steps - 1 do
                    let outcome = proc.Draw.Sample(DrawAddress(ctx.Seed, ctx.Stream, k, 0, 0), 1)
                    state <- proc.Step outcome state
                    codec.Materialise state

                    for charge in proc.Cost outcome do
                        let so = declared.TryFind charge.Counter |> Option.defaultValue 0.0
                        declared <- declared.Add(charge.Counter, so + Charge.forLane 0 charge)

                let made = counts ()

                for counter in
                    [
                        Counter.Gradients
                        Counter.ComponentGradients
                        Counter.OperatorCalls
                        Counter.ComponentCalls
                    ] do
                    let of' (m: Map<Counter, float>) =
                        m.TryFind counter |> Option.defaultValue 0.0

                    let actual = of' made - of' fresh
                    let stated = of' declared

                    // A batch computes both branches of a coin, so a method may make more calls than a lane pays for.
                    check $"declared {counter} are made" (actual >= stated - Rounding.allowance 1.0 stated) (fun () ->
                        $"{stated} declared over {steps} steps, but {actual} made")
        ]
