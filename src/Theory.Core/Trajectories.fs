namespace Theory

open System
open Theory.Numerics

/// The rung Trajectories: statements that hold on every run, checked at every step, from many starts (one a lane) and
/// from the worst that a search finds.
[<RequireQualifiedAccess>]
module Trajectories =

    let private allRows relation dimension (claim: RunBound<'S>) (scales: float[]) (measured: float[][]) =
        // At k = 0 both sides are the start's own value: nothing is tested, and the ratio 1 would hide the tightness.
        let first = 1

        [
            for k in first .. measured.Length - 1 do
                for lane in 0 .. scales.Length - 1 ->
                    Evidence.row
                        relation
                        dimension
                        k
                        $"start {lane}, k = {k}"
                        (measured[k].[lane])
                        (claim.Bound k scales[lane])
        ]

    /// Both sides of a bound along the runs from every lane of `starts`.
    let private rows ctx proc (starts: 'S) steps relation (claim: RunBound<'S>) =
        let codec = Codec.ofTemplate starts
        let lanes = codec.Lanes starts
        let scales = claim.Scale starts |> Block.stretch lanes |> Block.lanes

        let measured =
            (Run.series ctx proc starts steps [ claim.Measure ])[0]
            |> Run.summarise claim.Summary

        allRows relation codec.Dimension claim scales measured

    /// The largest measured/bound of each lane along its run, above the rounding noise.
    let private worstRatio ctx proc steps relation (claim: RunBound<'S>) (starts: 'S) =
        let codec = Codec.ofTemplate starts
        let lanes = codec.Lanes starts
        let scales = claim.Scale starts |> Block.stretch lanes |> Block.lanes

        let measured =
            (Run.series ctx proc starts steps [ claim.Measure ])[0]
            |> Run.summarise claim.Summary
        // At k = 0 both sides are the start's own value: nothing is tested, and the ratio 1 would hide the tightness.
        let first = 1

        Array.init lanes (fun lane ->
            let resolution =
                Rounding.resolution (float (codec.Dimension * steps)) (1.0 + sqrt (abs scales[lane]))

            seq {
                for k in first..steps do
                    let m, b = measured[k][lane], claim.Bound k scales[lane]

                    if max (abs m) (abs b) > resolution then
                        (if relation = Relation.AtLeast then b / m else m / b)
            }
            |> Seq.fold max -infinity)

    /// The bound at every step from every start, and from the worst starts found in `search` rounds.
    let bound (ctx: CheckContext) proc (starts: 'S) steps relation search (claim: RunBound<'S>) : Evidence =
        let codec = Codec.ofTemplate starts
        let lanes = codec.Lanes starts
        let scales = claim.Scale starts |> Block.stretch lanes |> Block.lanes

        let resolution =
            Rounding.resolution (float (codec.Dimension * steps)) (1.0 + sqrt (Array.max (Array.map abs scales)))

        let given = rows ctx proc starts steps relation claim

        let found =
            if search > 0 && given |> List.forall (fun r -> r.Holds) then
                let worst, _ =
                    Search.climb ctx search id (worstRatio ctx proc steps relation claim) starts

                rows ctx proc worst steps relation claim
            else
                []

        Evidence.ofRowsAbove resolution Rung.Trajectories relation (given @ found)

    /// A statement on each transition of the runs: m(s, s⁺) against b(s), at every step of every lane (sampled outcomes
    /// when the method draws).
    let everyStep
        (ctx: CheckContext)
        (proc: Process<'S, 'D>)
        (starts: 'S)
        steps
        relation
        (measure: 'S -> 'S -> Block)
        (bound: 'S -> Block)
        : Evidence =
        let codec = Codec.ofTemplate starts
        let lanes = codec.Lanes starts
        let mutable state = codec.Stretch lanes starts

        let rows = [
            for k in 0 .. steps - 1 do
                ctx.Cancellation.ThrowIfCancellationRequested()
                let outcome = proc.Draw.Sample(DrawAddress(ctx.Seed, ctx.Stream, k, 0, 0), lanes)
                let next = proc.Step outcome state
                codec.Materialise next
                let m = measure state next |> Block.stretch lanes |> Block.lanes
                let b = bound state |> Block.stretch lanes |> Block.lanes
                state <- next

                for lane in 0 .. lanes - 1 ->
                    Evidence.row relation codec.Dimension 1 $"start {lane}, step {k}" m[lane] b[lane]
        ]

        Evidence.ofRows Rung.Trajectories relation rows

    /// Two processes on the same draws reach the same outputs: equality at every step, to rounding.
    let same
        (ctx: CheckContext)
        (first: Process<'S, 'D>)
        (start: 'S)
        (output: 'S -> Block)
        (second: Process<'T, 'E>)
        (other: 'T)
        (outputOther: 'T -> Block)
        steps
        : Evidence =
        let codec, codecOther = Codec.ofTemplate start, Codec.ofTemplate other
        let lanes = max (codec.Lanes start) (codecOther.Lanes other)
        let mutable a = codec.Stretch lanes start
        let mutable b = codecOther.Stretch lanes other

        let rows = [
            for k in 0..steps do
                if k > 0 then
                    let address = DrawAddress(ctx.Seed, ctx.Stream, k - 1, 0, 0)
                    a <- first.Step (first.Draw.Sample(address, lanes)) a
                    b <- second.Step (second.Draw.Sample(address, lanes)) b
                    codec.Materialise a
                    codecOther.Materialise b

                let x, y = output a, outputOther b
                let gap = Block.lanes (Block.norm (x - y) |> Block.stretch lanes)
                let size = Block.lanes (Block.norm x |> Block.stretch lanes)

                for lane in 0 .. lanes - 1 do
                    let allowance =
                        Rounding.allowance (float (codec.Dimension * (k + 1))) (1.0 + size[lane])

                    {
                        Label = $"start {lane}, k = {k}: distance of the two iterates"
                        Measured = gap[lane]
                        Bound = 0.0
                        Holds = gap[lane] <= allowance
                    }
        ]

        // Equality of trajectories: attained when it holds.
        let evidence = Evidence.ofRows Rung.Trajectories Relation.Equal rows

        {
            evidence with
                Tightness =
                    if evidence.Violation.IsNone then
                        1.0
                    else
                        evidence.Tightness
        }
