namespace Theory.Views

open System
open System.Collections.Generic
open System.Globalization
open System.Text.Json.Nodes

/// A part of a specification; unlike a JsonNode it may stand in several places.
[<RequireQualifiedAccess>]
type internal Node =
    | Null
    | Flag of bool
    | Number of float
    | Text of string
    | List of Node list
    | Record of (string * Node) list

/// Vega-Lite in the words of its own grammar: marks, encodings, layers.
[<RequireQualifiedAccess>]
module internal Vega =

    let text value = Node.Text value
    let flag value = Node.Flag value
    let number value = Node.Number value
    let list items = Node.List items
    let node fields = Node.Record fields

    /// Six digits are more than a chart shows; null where there is no finite number.
    let private rounded (value: float) : JsonNode | null =
        if Double.IsFinite value then
            JsonValue.Create(
                Double.Parse(value.ToString("G6", CultureInfo.InvariantCulture), CultureInfo.InvariantCulture)
            )
        else
            null

    let rec private json (part: Node) : JsonNode | null =
        match part with
        | Node.Null -> null
        | Node.Flag value -> JsonValue.Create value
        | Node.Number value -> rounded value
        | Node.Text value -> JsonValue.Create value
        | Node.List items -> JsonArray(items |> List.map json |> Array.ofList)
        | Node.Record fields -> record fields

    /// The fields as an object of JSON.
    and record (fields: (string * Node) list) : JsonObject =
        JsonObject(fields |> List.map (fun (name, value) -> KeyValuePair(name, json value)))

    /// A mark with properties.
    let mark (kind: string) properties : Node =
        node (("type", text kind) :: properties)

    let private channel kind (field: string) (title: string) properties : Node =
        node ([ "field", text field; "type", text kind; "title", text title ] @ properties)

    /// A numeric channel.
    let quantity field title properties =
        channel "quantitative" field title properties

    /// A channel of names in the order of the data.
    let name field title properties =
        channel "nominal" field title (("sort", Node.Null) :: properties)

    let scale properties = "scale", node properties

    let log = scale [ "type", text "log" ]

    /// Not forced to start at 0.
    let linear = scale [ "type", text "linear"; "zero", flag false ]

    /// Colours that differ for every kind of colour vision and stand on light and on dark.
    let palette = [|
        "#3b7fc4"
        "#d9622b"
        "#22996f"
        "#a86fc2"
        "#b8912a"
        "#cf5f86"
        "#5aa3b0"
        "#7d7d7d"
        "#8a6d3b"
        "#5566c9"
    |]

    /// The colours of named series, each always the same within a chart.
    let colours (series: string list) : string * Node =
        scale [
            "domain", list (series |> List.map text)
            "range", list (series |> List.mapi (fun i _ -> text palette[i % palette.Length]))
        ]

    /// The legend of every chart: below, so that a phone has room for the plot.
    let legend: string * Node =
        "legend",
        node [
            "orient", text "bottom"
            "title", Node.Null
            "columns", number 2.0
            "labelLimit", number 320.0
        ]
