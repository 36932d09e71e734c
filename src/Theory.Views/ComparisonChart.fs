namespace Theory.Views

open System
open Theory.Algorithms

/// What methods spend until a target.
[<RequireQualifiedAccess>]
module internal ComparisonChart =

    let create (compared: Compared) : Chart =
        let c = compared.Comparison

        let rows =
            compared.Spent
            |> List.map (fun (contender, _, amount) -> [
                "method", Vega.text (string contender)
                "spent", Vega.number (amount |> Option.defaultValue nan)
                "label",
                Vega.text (
                    match amount with
                    | Some a -> Vega.words a
                    | None -> $"not in {c.Steps} steps"
                )
            ])

        let words =
            compared.Spent
            |> List.map (fun (contender, _, amount) ->
                match amount with
                | Some a -> $"{string contender} {Vega.words a}"
                | None -> $"{string contender} not in {c.Steps} steps")
            |> String.concat ", "

        let y =
            "y", Vega.name "method" "" [ "axis", Vega.node [ "labelLimit", Vega.number 220.0; "title", Node.Null ] ]

        Chart.create
            $"{c.Key}: {c.Claim}"
            $"{c.Problem}, until {Vega.words c.Target} of the start's squared distance"
            $"By {Axis.title c.By}: {words}."
            (36.0 * float compared.Spent.Length)
            rows
            [
                "layer",
                Vega.list [
                    Vega.node [
                        "mark", Vega.mark "bar" [ "color", Vega.text Vega.palette[0]; "tooltip", Vega.flag true ]
                        "encoding", Vega.node [ y; "x", Vega.quantity "spent" (Axis.title c.By) [] ]
                    ]
                    Vega.node [
                        "mark", Vega.mark "text" [ "align", Vega.text "left"; "dx", Vega.number 5.0 ]
                        "encoding",
                        Vega.node [
                            y
                            "x", Vega.quantity "spent" (Axis.title c.By) []
                            "text", Vega.node [ "field", Vega.text "label"; "type", Vega.text "nominal" ]
                        ]
                    ]
                ]
            ]
