namespace Theory

open System
open Theory.Numerics

/// The rung Enumerated: exact expectations over every outcome, one step from many states (with a search for the worst
/// of them), or several steps where the tree is small.
[<RequireQualifiedAccess>]
module Enumerated =

    let private limit = 200000.0

    /// E[m(s, s⁺)] over every outcome, one number per lane of the states.
    let expectation (proc: Process<'S, 'D>) (measure: 'S -> 'S -> Block) (states: 'S) : float[] =
        let codec = Codec.ofTemplate states
        let lanes = codec.Lanes states
        let states = codec.Stretch lanes states
        let totals = Array.zeroCreate lanes

        for o in proc.Draw.Outcomes do
            let values =
                measure states (proc.Step o.Outcome states)
                |> Block.stretch lanes
                |> Block.lanes

            for lane in 0 .. lanes - 1 do
                totals[lane] <- totals[lane] + o.Probability * values[lane]

        totals

    /// A one-step claim on every outcome: E[m(s, s⁺)] against b(s).
    [<NoEquality; NoComparison>]
    type OneStep<'S, 'D> = {
        Process: Process<'S, 'D>
        /// States to check, one a lane.
        States: 'S
        /// m, of the present and the next state.
        Measure: 'S -> 'S -> Block
        /// b, on the present state.
        Bound: 'S -> Block
        Relation: Relation
        /// What a moved state must satisfy, as a projection (identity when every state is allowed).
        Keep: 'S -> 'S
        /// Rounds of the search for the worst state; 0 for none.
        Search: int
    }

    /// Checks the claim at the given states and at the worst ones that the search finds.
    let oneStep (ctx: CheckContext) (claim: OneStep<'S, 'D>) : Evidence =
        if claim.Process.Draw.Count > limit then
            Evidence.undecided
                Rung.Enumerated
                $"the draws have {claim.Process.Draw.Count:G3} outcomes, more than {limit:G3}"
        else
            let codec = Codec.ofTemplate claim.States
            let lanes = codec.Lanes claim.States
            let outcomes = int claim.Process.Draw.Count

            let sides states =
                expectation claim.Process claim.Measure states, Block.lanes (Block.stretch lanes (claim.Bound states))

            let ratio states =
                let measured, bound = sides states

                match claim.Relation with
                | Relation.AtMost -> Array.map2 (/) measured bound
                | Relation.AtLeast -> Array.map2 (/) bound measured
                | Relation.Equal -> Array.map2 (fun m b -> abs (m - b) / max (abs m) (abs b)) measured bound

            let rowsAt name states =
                let measured, bound = sides states

                [
                    for lane in 0 .. lanes - 1 ->
                        Evidence.row claim.Relation codec.Dimension outcomes $"{name} {lane}" measured[lane] bound[lane]
                ]

            let given = rowsAt "state" claim.States

            let found =
                if claim.Search > 0 && given |> List.forall (fun r -> r.Holds) then
                    let worst, _ = Search.climb ctx claim.Search claim.Keep ratio claim.States
                    rowsAt "searched state" worst
                else
                    []

            let evidence = Evidence.ofRows Rung.Enumerated claim.Relation (given @ found)

            {
                evidence with
                    Cases = evidence.Cases * outcomes
            }

    /// The exact law of the state after `steps` steps from a start of one lane: probabilities, and the states as lanes.
    /// Raises InvalidOperationException when the tree has more than 200,000 leaves.
    let law (proc: Process<'S, 'D>) (start: 'S) (steps: int) : float[] * 'S =
        let outcomes = proc.Draw.Outcomes

        if float outcomes.Length ** float steps > limit then
            invalidOp $"{outcomes.Length} outcomes over {steps} steps make more than {limit:G3} leaves."

        let codec = Codec.ofTemplate start

        let grow (weights: float[], state: 'S) =
            let lanes = weights.Length

            let parts =
                outcomes |> Array.map (fun o -> codec.Stretch lanes (proc.Step o.Outcome state))

            let weights =
                outcomes
                |> Array.collect (fun o -> weights |> Array.map (fun w -> w * o.Probability))

            let blocks = parts |> Array.map codec.Blocks

            let joined =
                Array.init blocks[0].Length (fun b ->
                    Block.ConcatLanes(blocks |> Array.map (fun fields -> fields[b].Materialise())))

            weights, codec.WithBlocks parts[0] joined

        Seq.init steps id |> Seq.fold (fun tree _ -> grow tree) ([| 1.0 |], start)

    /// E[m(s_k)] for k = 0 .. steps, over the whole tree.
    let series proc start steps (measure: 'S -> Block) : float[] =
        Array.init (steps + 1) (fun k ->
            let weights, states = law proc start k
            let values = measure states |> Block.stretch weights.Length |> Block.lanes
            Array.fold2 (fun sum w v -> sum + w * v) 0.0 weights values)
