namespace Theory.Interactive

open Theory

/// What is shown of runs and exact rates.
[<RequireQualifiedAccess>]
module internal RunViews =

    let private ends (values: float[] list) = [
        let first = List.head values
        let last = List.last values
        Number.text (Array.average first)
        Number.text (Array.average last)

        if last.Length > 1 then
            Number.text (Array.max last)
    ]

    let private runOf steps lanes diverged measures counters : View = [
        Part.Line(
            $"{Number.count steps} steps, "
            + (if lanes = 1 then
                   "one lane"
               else
                   $"{Number.count lanes} lanes (means, and the largest)")
        )
        if diverged > 0 then
            Part.Verdict(Tone.Bad, $"{Number.count diverged} of {Number.count lanes} lanes diverged")
        Part.Table {
            Header = [
                "measure"
                "at the start"
                "at the end"
                if lanes > 1 then
                    "largest at the end"
            ]
            Rows = [ for name, values in measures -> name :: ends values ]
        }
        if not (List.isEmpty counters) then
            Part.Table {
                Header = [ "spent"; "in all" ]
                Rows = [ for name, total in counters -> [ name; Number.text total ] ]
            }
    ]

    /// A run.
    let methodRun (r: MethodRun) =
        runOf (Array.last r.Steps) r.DivergedAt.Length (r.DivergedAt |> Array.filter Option.isSome |> Array.length) [
            for m in r.Measures -> m.Name, List.ofArray m.Values
        ] [
            for KeyValue(counter, series) in r.Counters -> string counter, Array.average (Array.last series)
        ]

    let private series (s: Api.Series) = [
        for record in [ 0; s.Steps.Count - 1 ] -> Array.init s.Lanes (fun lane -> s[record, lane])
    ]

    /// A run of the facade, with its method.
    let runReport (r: Api.RunReport) =
        Part.Title $"{r.Setup.Method} on {r.Setup.Problem.Name}"
        :: runOf
            r.Steps[r.Steps.Count - 1]
            r.Lanes
            (r.DivergedAt |> Seq.filter (fun step -> step.HasValue) |> Seq.length) [
                for m in r.Measures -> m.Name, series m
            ] [
                for pair in Seq.sortBy (fun (p: System.Collections.Generic.KeyValuePair<_, _>) -> p.Key) r.Counters ->
                    string pair.Key, Array.average (List.last (series pair.Value))
            ]

    let private ratesOf longRun bounds : View = [
        Part.Line $"Exact factor of E‖x − x*‖² a step, in the long run: {Number.text longRun}"
        if not (List.isEmpty bounds) then
            Part.Table {
                Header = [ "bound"; "promised factor"; "exact worst factor"; "tightness" ]
                Rows = [
                    for name, promised, worst in bounds ->
                        [
                            name
                            Number.text promised
                            worst |> Option.map Number.text |> Option.defaultValue "–"
                            worst
                            |> Option.map (fun w -> Number.ratio (w / promised))
                            |> Option.defaultValue "–"
                        ]
                ]
            }
    ]

    /// Exact rates.
    let rates (r: ExactRates) =
        ratesOf r.Asymptotic [ for b in r.Bounds -> b.Bound, b.Certified, b.Worst ]

    /// Exact rates of the facade.
    let rateReport (r: Api.RateReport) =
        ratesOf r.LongRun [ for b in r.Bounds -> b.Bound, b.Certified, Option.ofNullable b.WorstStep ]
