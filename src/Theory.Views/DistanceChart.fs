namespace Theory.Views

open Theory

/// Distances to the solution by what is spent.
[<RequireQualifiedAccess>]
module internal DistanceChart =

    let create (problem: IProblem) (by: Spending) (runs: (string * MethodRun) list) : Chart =
        let curve (name: string, run: MethodRun) =
            match Spend.distance run with
            | None -> invalidArg (nameof problem) $"{problem.Name} has no known solution, so no distance to show."
            | Some errors ->
                let mean = errors.Values |> Array.map Array.average
                let spent = Axis.amounts problem by run

                Axis.shown false run.Steps
                |> List.map (fun at -> [
                    "series", Vega.text name
                    "step", Vega.number (float run.Steps[at])
                    "spent", Vega.number spent[at]
                    "error", Vega.number (Vega.positive (mean[at] / mean[0]))
                ])

        let ends =
            runs
            |> List.choose (fun (name, run) ->
                Spend.distance run
                |> Option.map (fun e ->
                    $"{name} reaches {Vega.words (Array.average (Array.last e.Values) / Array.average e.Values[0])}"))
            |> String.concat ", "

        Chart.create
            $"Distance to the solution by {Axis.title by}"
            problem.Name
            $"Relative squared distance to the solution on {problem.Name} against {Axis.title by}: {ends}."
            320.0
            (runs |> List.collect curve)
            [
                "mark", Vega.mark "line" [ "strokeWidth", Vega.number 2.2; "tooltip", Vega.flag true ]
                "encoding",
                Vega.node [
                    "x", Vega.quantity "spent" (Axis.title by) [ Vega.linear ]
                    "y", Vega.onLog "error" "‖x − x*‖² / ‖x⁰ − x*‖²" []
                    Vega.series (runs |> List.map fst)
                ]
            ]
