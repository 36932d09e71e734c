namespace Theory.Views

open System

/// Exact factors over stepsizes.
[<RequireQualifiedAccess>]
module internal RatesChart =

    /// Larger factors are cut off: a step that diverges would flatten everything else.
    let private top = 1.2

    let private promised = "the paper's factor"

    let private lines = [
        promised, (fun (p: StepsizePoint) -> p.Certified)
        "worst step", (fun (p: StepsizePoint) -> p.Worst)
        "long run", (fun (p: StepsizePoint) -> Some p.LongRun)
    ]

    let private rows (curve: StepsizeCurve) = [
        for name, pick in lines do
            for p in curve.Points do
                match pick p with
                | Some factor when factor <= top -> [
                    "series", Vega.text name
                    "stepsize", Vega.number p.Stepsize
                    "factor", Vega.number factor
                  ]
                | _ -> ()
    ]

    let private describe (curve: StepsizeCurve) =
        let own =
            curve.Points
            |> List.tryFind (fun p -> p.Stepsize = curve.Theorem)
            |> Option.map (fun p ->
                let factor name value =
                    value |> Option.map (fun v -> $"{name} {Vega.words v}")

                [
                    factor promised p.Certified
                    factor "worst step" p.Worst
                    factor "long run" (Some p.LongRun)
                ]
                |> List.choose id
                |> String.concat ", "
                |> sprintf " There: %s.")
            |> Option.defaultValue ""

        let best =
            match curve.Points |> List.filter (fun p -> Double.IsFinite p.LongRun) with
            | [] -> ""
            | finite ->
                let p = finite |> List.minBy (fun p -> p.LongRun)
                $" The long run is fastest at {Vega.words p.Stepsize}, with {Vega.words p.LongRun}."

        $"Factors per step of {curve.Method} on {curve.Problem} over {curve.Parameter}; the theorem's stepsize is {Vega.words curve.Theorem}.{own}{best}"

    /// The paper's factor lies under the others, wide and dashed: where it is attained, both are seen.
    let private curves (curve: StepsizeCurve) =
        Vega.node [
            "mark", Vega.mark "line" [ "tooltip", Vega.flag true; "clip", Vega.flag true ]
            "encoding",
            Vega.node [
                "x", Vega.quantity "stepsize" $"stepsize {curve.Parameter}" [ Vega.linear ]
                "y", Vega.quantity "factor" "factor per step" [ Vega.linear ]
                Vega.series (lines |> List.map fst)
                "strokeWidth",
                Vega.node [
                    "condition",
                    Vega.node [
                        "test", Vega.text $"datum.series == \"{promised}\""
                        "value", Vega.number 5.0
                    ]
                    "value", Vega.number 2.0
                ]
                "strokeDash",
                Vega.node [
                    "condition",
                    Vega.node [
                        "test", Vega.text $"datum.series == \"{promised}\""
                        "value", Vega.list [ Vega.number 8.0; Vega.number 4.0 ]
                    ]
                    "value", Vega.list [ Vega.number 1.0; Vega.number 0.0 ]
                ]
            ]
        ]

    let private theorem (curve: StepsizeCurve) mark properties =
        Vega.node [
            Vega.values [ Vega.node [ "theorem", Vega.number curve.Theorem ] ]
            "mark", Vega.mark mark properties
            "encoding", Vega.node [ "x", Vega.quantity "theorem" $"stepsize {curve.Parameter}" [] ]
        ]

    let create (curve: StepsizeCurve) : Chart =
        Chart.create
            $"{curve.Method}: exact factors over the stepsize"
            $"{curve.Problem}; {curve.Bound}"
            (describe curve)
            300.0
            (rows curve)
            [
                "layer",
                Vega.list [
                    curves curve
                    theorem curve "rule" [ Vega.dashed 2.0 3.0; "color", Vega.text Vega.grey ]
                    theorem curve "text" [
                        "text", Vega.text "theorem"
                        "align", Vega.text "left"
                        "dx", Vega.number 4.0
                        "y", Vega.number 8.0
                    ]
                ]
            ]
