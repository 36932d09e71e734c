namespace Theory.Views

open System
open Theory

/// What a run's steps are counted in on a chart's x-axis, and which of them a chart shows.
[<RequireQualifiedAccess>]
module internal Axis =

    /// A chart needs no more points a line than this.
    let private most = 160

    let title (by: Spending) =
        match by with
        | Spending.Steps -> "steps"
        | Spending.Rounds -> "communication rounds"
        | Spending.Gradients -> "gradients or operator values, in full ones"
        | Spending.Floats -> "floats from one worker"
        | Spending.Bits -> "bits from one worker"
        | Spending.Gossip -> "exchanges with neighbours"
        | Spending.Messages -> "messages with the server"
        | Spending.LocalSteps -> "local steps"
        | Spending.Samples -> "samples"
        | Spending.Seconds -> "simulated seconds"

    /// The amount spent at each recorded step, a mean over lanes.
    /// Raises ArgumentException where the method's account does not name it.
    let amounts (problem: IProblem) (by: Spending) (run: MethodRun) : float[] =
        Array.init run.Steps.Length (fun at ->
            let spent = {
                Reached = false
                Steps = float run.Steps[at]
                Totals = run.Counters |> Map.map (fun _ series -> Array.average series[at])
                Error = nan
            }

            match Spend.amount problem by spent with
            | Some amount -> amount
            | None ->
                let counted = run.Counters.Keys |> Seq.map string |> String.concat ", "

                invalidArg (nameof by) $"The method does not count {title by}; it counts steps, {counted}.")

    /// Recorded steps to show, evenly spaced on the axis (on a logarithmic one from step 1).
    let shown logarithmic (steps: int[]) : int list =
        let last = steps.Length - 1

        if last < most then
            [ 0..last ]
        elif logarithmic then
            [
                for i in 0 .. most - 1 -> int (round (float last ** (float i / float (most - 1))))
            ]
            |> List.distinct
        else
            [ for i in 0 .. most - 1 -> i * last / (most - 1) ]

    /// Whether a curve straightens on logarithmic axes both ways: it falls as a power of k, not geometrically.
    let polynomial (curve: float[]) =
        let last = curve.Length - 1

        if last < 8 then
            false
        else
            let fall a b =
                (log curve[a] - log curve[b]) / float (b - a)

            let early, late = fall (last / 8) (last / 4), fall (last / 2) last

            Double.IsFinite early
            && Double.IsFinite late
            && early > 0.0
            && late < 0.6 * early

    /// The q-quantile of unsorted values.
    let quantile q (values: float[]) =
        let sorted = Array.sort values
        let position = q * float (sorted.Length - 1)
        let below = int (floor position)
        let above = min (below + 1) (sorted.Length - 1)
        sorted[below] + (position - float below) * (sorted[above] - sorted[below])
