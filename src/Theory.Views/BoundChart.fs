namespace Theory.Views

open Theory

/// A bound beside what is measured along a run.
[<RequireQualifiedAccess>]
module internal BoundChart =

    let private summaryName (bound: BoundRecord) =
        match bound.Summary with
        | Summary.Last -> ""
        | Summary.RunningMean -> "running mean of "
        | Summary.RunningMin -> "running minimum of "

    let create (problem: IProblem) (by: Spending) (name: string) (run: MethodRun) (bound: BoundRecord) : Chart =
        if bound.Measured.Length = 0 then
            invalidArg (nameof bound) $"{bound.Name} summarises every step; record every step of the run."

        let lanes = run.DivergedAt.Length
        let spent = Axis.amounts problem by run
        let bounds = bound.Bound |> Array.map Array.average
        let logarithmic = Axis.polynomial bounds

        let measured (values: float[]) =
            if bound.InExpectation then
                Array.average values
            else
                Array.max values

        let what =
            match lanes, bound.InExpectation with
            | 1, _ -> "measured"
            | n, true -> $"measured, mean of {n} runs"
            | n, false -> $"measured, worst of {n} runs"

        let shown =
            Axis.shown logarithmic run.Steps
            |> List.filter (fun at -> not logarithmic || spent[at] > 0.0)

        let rows =
            shown
            |> List.map (fun at -> [
                "step", Vega.number (float run.Steps[at])
                "spent", Vega.number spent[at]
                "measured", Vega.number (Vega.positive (measured bound.Measured[at]))
                "low", Vega.number (Vega.positive (Axis.quantile 0.1 bound.Measured[at]))
                "high", Vega.number (Vega.positive (Axis.quantile 0.9 bound.Measured[at]))
                "bound", Vega.number (Vega.positive bounds[at])
            ])

        let x =
            "x",
            (if logarithmic then
                 Vega.onLog "spent" (Axis.title by) []
             else
                 Vega.quantity "spent" (Axis.title by) [ Vega.linear ])

        let y field =
            "y", Vega.onLog field (summaryName bound + bound.Name) []

        let line field dash label =
            Vega.node [
                "mark",
                Vega.mark "line" [
                    "strokeWidth", Vega.number 2.2
                    "tooltip", Vega.flag true
                    if dash then
                        Vega.dashed 6.0 4.0
                ]
                "encoding",
                Vega.node [
                    x
                    y field
                    "color",
                    Vega.node [
                        "datum", Vega.text label
                        Vega.colours [ what; "the paper's bound" ]
                        Vega.legend
                    ]
                ]
            ]

        let band =
            Vega.node [
                "mark", Vega.mark "area" [ "opacity", Vega.number 0.25; "color", Vega.text Vega.palette[0] ]
                "encoding", Vega.node [ x; y "low"; "y2", Vega.node [ "field", Vega.text "high" ] ]
            ]

        let last = run.Steps.Length - 1

        Chart.create
            $"{name}: {bound.Name}"
            problem.Name
            $"{bound.Name} of {name} on {problem.Name} against {Axis.title by}: {what} is {Vega.words (measured bound.Measured[last])} after {run.Steps[last]} steps, where the paper's bound is {Vega.words bounds[last]}."
            300.0
            rows
            [
                "layer",
                Vega.list [
                    if lanes > 1 then
                        band
                    line "measured" false what
                    line "bound" true "the paper's bound"
                ]
            ]
