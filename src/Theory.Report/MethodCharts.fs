namespace Theory.Report

open System
open Theory
open Theory.Algorithms
open Theory.Views

/// The charts of a method on the reference instance of its family.
[<RequireQualifiedAccess>]
module MethodCharts =

    /// Stepsizes in a curve of exact factors, besides the theorem's.
    let private points = 24

    /// Longest run; most bounds have fallen to rounding long before.
    let private longest = 1024

    /// Most that one lane of a run may be charged of any counter: steps with long loops inside make short runs.
    let private dearest = 20000.0

    /// Replicates of a randomised method.
    let private lanes = 24

    /// Relative size at which a bound has fallen far enough to show.
    let private fallen = 1e-8

    let private request steps lanes = {
        Steps = steps
        Every = 1
        Lanes = lanes
        Start = None
        Progress = None
    }

    let private deterministic (run: MethodRun) =
        let alike (rows: float[][]) =
            rows |> Array.forall (fun row -> row |> Array.forall ((=) row[0]))

        run.Measures |> List.forall (fun m -> alike m.Values)
        && run.Bounds |> List.forall (fun b -> alike b.Measured)

    /// What one lane was charged at most, of everything that takes a computer time.
    let private charged (run: MethodRun) =
        run.Counters
        |> Map.toSeq
        |> Seq.filter (fun (counter, _) ->
            match counter with
            | Counter.UplinkFloats
            | Counter.UplinkBits
            | Counter.DownlinkFloats
            | Counter.DownlinkBits
            | Counter.Seconds -> false
            | _ -> true)
        |> Seq.map (fun (_, totals) -> Array.max (Array.last totals))
        |> Seq.fold max 0.0

    /// Doubles the run until every bound has fallen far, or the run is as long or as dear as one may be.
    let private ran (ctx: CheckContext) (prepared: PreparedMethod) =
        let far (bound: BoundRecord) =
            let first, last = bound.Bound[0].[0], (Array.last bound.Bound)[0]
            first > 0.0 && last <= fallen * first

        let rec attempt steps lanes =
            let run = prepared.Run ctx (request steps lanes)

            if lanes > 1 && deterministic run then
                attempt steps 1
            elif steps >= longest || 2.0 * charged run > dearest || run.Bounds |> List.forall far then
                run
            else
                attempt (2 * steps) lanes

        attempt 16 lanes

    /// Whether a logarithmic axis has something of both sides to show.
    let private drawable (bound: BoundRecord) =
        let shown (rows: float[][]) =
            rows
            |> Array.filter (Array.exists (fun v -> v > 0.0 && Double.IsFinite v))
            |> Array.length

        shown bound.Measured > 1 && shown bound.Bound > 1

    let private runCharts ctx (name: string) (on: FamilyTable.OnReference) =
        try
            let run = ran ctx on.Prepared
            let shown, not' = run.Bounds |> List.partition drawable

            let notes =
                if run.Bounds.IsEmpty then
                    [ "No bound along a run is stated for this method, so none is drawn." ]
                else
                    not'
                    |> List.map (fun b -> $"{b.Name} has no positive finite values along the run on {on.Instance}.")

            shown |> List.map (Charts.run on.Problem Spending.Steps name run), notes
        with
        | :? OperationCanceledException -> reraise ()
        | error -> [], [ $"The run on {on.Instance} could not be drawn: {error.Message}" ]

    let private rateCharts (entry: MethodEntry) (on: FamilyTable.OnReference) =
        match on.Rates |> Result.bind (fun _ -> StepsizeCurve.compute entry on.Problem points) with
        | Ok curve -> [ Charts.rates curve ], []
        | Error reason -> [], [ $"No exact factors over the stepsize: {reason}." ]

    /// The charts of one method, and what to say where one is missing.
    let ofRow (ctx: CheckContext) (row: FamilyTable.MethodRow) : Chart list * string list =
        match row.Reference with
        | None ->
            [],
            [
                $"It runs on none of its family's reference instances: it needs {row.Entry.Needs}."
            ]
        | Some on ->
            let runs, noRuns = runCharts ctx row.Entry.Name on
            let rates, noRates = rateCharts row.Entry on
            runs @ rates, noRuns @ noRates
