namespace Theory

open System
open Theory.Numerics

/// The rung Replicates: samples, where nothing stronger applies, with tests that stay valid whenever they are looked
/// at. The share α of the error budget that a check receives bounds the probability that it refutes a true statement.
[<RequireQualifiedAccess>]
module Replicates =

    /// H0: E[X] ≤ bound for a nonnegative X, by the betting e-process on the replicates of each checkpoint; α is split
    /// evenly over the checkpoints.
    let means (alpha: float) (checkpoints: (string * float[] * float) list) : Evidence =
        let share = alpha / float (max 1 checkpoints.Length)

        let judged =
            checkpoints
            |> List.map (fun (label, samples, bound) ->
                let refuted = BettingEProcess.LogEValueOf(samples, bound) >= log (1.0 / share)
                let mean = Array.average samples

                {
                    Label = label
                    Measured = mean
                    Bound = bound
                    Holds = not refuted
                })

        let caught =
            checkpoints
            |> List.map (fun (_, samples, bound) -> BettingEProcess.SmallestRefutedScale(samples, bound, share))
            |> List.filter Double.IsFinite

        let evidence = Evidence.ofRows Rung.Replicates Relation.AtMost judged
        let count = checkpoints |> List.sumBy (fun (_, samples, _) -> samples.Length)

        let note =
            if caught.IsEmpty then
                $"α = {alpha:G2}"
            else
                $"α = {alpha:G2}; measures {List.min caught:G3} times larger would have been refuted"

        {
            evidence with
                Cases = count
                Note = note
        }

    /// A bound on an expectation along sampled runs: `replicates` lanes from one start, looked at a few checkpoints.
    let bound
        (ctx: CheckContext)
        proc
        (start: 'S)
        steps
        replicates
        (checkpoints: int list)
        (claim: RunBound<'S>)
        : Evidence =
        let codec = Codec.ofTemplate start
        let scale = (Block.lanes (claim.Scale start))[0]
        let lanes = codec.Stretch replicates start

        let measured =
            (Run.series ctx proc lanes steps [ claim.Measure ])[0]
            |> Run.summarise claim.Summary

        checkpoints
        |> List.map (fun k -> $"k = {k}, mean of {replicates}", measured[k], claim.Bound k scale)
        |> means ctx.Alpha

    /// H0: P(failure) ≤ delta, by the exact binomial test on independent replicates.
    let failures (alpha: float) (label: string) (failed: bool[]) (delta: float) : Evidence =
        let count = failed |> Seq.filter id |> Seq.length
        let refuted = ExactBinomial.Rejects(count, failed.Length, delta, alpha)

        // The fewest failures that would have refuted.
        let needed =
            seq { 0 .. failed.Length }
            |> Seq.tryFind (fun k -> ExactBinomial.Rejects(k, failed.Length, delta, alpha))

        let row = {
            Label = $"{label}: failures among {failed.Length} runs"
            Measured = float count / float failed.Length
            Bound = delta
            Holds = not refuted
        }

        let caught =
            match needed with
            | Some k -> $"α = {alpha:G2}; {k} failures of {failed.Length} would have been refuted, {count} seen"
            | None -> $"α = {alpha:G2}; {failed.Length} runs are too few to refute anything"

        let evidence = Evidence.ofRows Rung.Replicates Relation.AtMost [ row ]

        {
            evidence with
                Cases = failed.Length
                Note = caught
                Undecided =
                    if needed.IsNone then
                        Some "too few runs to refute anything"
                    else
                        None
        }

    /// 'With probability at least 1 − delta, the bound holds at every step': runs fail when any step violates it or
    /// when they diverge.
    let withProbability (ctx: CheckContext) proc (start: 'S) steps replicates delta (claim: RunBound<'S>) : Evidence =
        let codec = Codec.ofTemplate start
        let scale = (Block.lanes (claim.Scale start))[0]
        let lanes = codec.Stretch replicates start

        let measured =
            (Run.series ctx proc lanes steps [ claim.Measure ])[0]
            |> Run.summarise claim.Summary

        let first = if claim.Summary = Summary.Last then 0 else 1

        let failed =
            Array.init replicates (fun lane ->
                seq { first..steps }
                |> Seq.exists (fun k -> not (measured[k][lane] <= claim.Bound k scale)))

        failures ctx.Alpha $"all {steps} steps" failed delta
