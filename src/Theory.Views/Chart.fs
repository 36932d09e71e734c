namespace Theory.Views

open System.Text.Encodings.Web
open System.Text.Json
open System.Text.Json.Nodes

/// A chart as data: a Vega-Lite specification and what a page needs beside it.
[<NoEquality; NoComparison>]
type Chart = {
    Title: string
    /// What there is to see, in a sentence, for those who do not see it.
    Description: string
    /// A Vega-Lite specification with its data inside and no colours of the page's own.
    Spec: JsonObject
}

[<RequireQualifiedAccess>]
module Chart =

    let private options =
        JsonSerializerOptions(WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping)

    /// The schema that every specification names.
    let schema = "https://vega.github.io/schema/vega-lite/v6.json"

    /// The specification as JSON text.
    let json (chart: Chart) : string = chart.Spec.ToJsonString options

    /// The numbers behind a chart: column names and rows, as a table beside it shows them.
    let table (chart: Chart) : string list * string list list =
        let cell (node: JsonNode | null) =
            match node with
            | null -> "–"
            | value -> value.ToString()

        match chart.Spec["data"] with
        | null -> [], []
        | data ->
            match data["values"] with
            | :? JsonArray as values when values.Count > 0 ->
                let rows = values |> Seq.choose (fun v -> v |> Option.ofObj) |> Seq.map _.AsObject()

                let columns =
                    rows |> Seq.collect (fun r -> r |> Seq.map _.Key) |> Seq.distinct |> List.ofSeq

                columns,
                rows
                |> Seq.map (fun r -> columns |> List.map (fun c -> cell r[c]))
                |> List.ofSeq
            | _ -> [], []

    /// Fields that every chart has around its marks. The plot's height is in pixels.
    let internal create
        title
        subtitle
        description
        height
        (rows: (string * Node) list list)
        (body: (string * Node) list)
        = {
        Title = title
        Description = description
        Spec =
            Vega.record (
                [
                    "$schema", Vega.text schema
                    "title",
                    Vega.node [
                        "text", Vega.text title
                        "subtitle", Vega.text subtitle
                        "anchor", Vega.text "start"
                    ]
                    "description", Vega.text description
                    "width", Vega.number 560.0
                    "height", Vega.number height
                    "data", Vega.node [ "values", Vega.list (rows |> List.map Vega.node) ]
                ]
                @ body
            )
    }
