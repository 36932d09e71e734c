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

    /// What a logarithmic axis can show; NaN, which leaves a gap, for the rest.
    let positive (value: float) =
        if value > 0.0 && Double.IsFinite value then value else nan

    /// A number in words: three digits, the exponent without its plus and zeros.
    let words (value: float) =
        if value <> 0.0 && (abs value < 1e-3 || abs value >= 1e6) then
            value.ToString("0.##e0", CultureInfo.InvariantCulture)
        else
            value.ToString("G4", CultureInfo.InvariantCulture)

    /// A numeric channel.
    let quantity field title properties =
        channel "quantitative" field title properties

    /// A channel of names in the order of the data.
    let name field title properties =
        channel "nominal" field title (("sort", Node.Null) :: properties)

    let scale properties = "scale", node properties

    let private logarithmic = scale [ "type", text "log" ]

    /// Exponents only where a number is long.
    let private axis ticks =
        "axis",
        node [
            ticks
            "labelExpr",
            text
                "datum.value >= 0.001 && datum.value < 1e5 ? format(datum.value, '~g') : replace(format(datum.value, '~e'), 'e+', 'e')"
        ]

    /// A numeric channel on a logarithmic scale.
    let onLog field title properties =
        quantity field title (logarithmic :: axis ("tickCount", number 6.0) :: properties)

    /// The same between two values with ticks at given ones, where there are too few powers of ten to choose from.
    let onLogAt values (least: float, most: float) field title =
        quantity field title [
            scale [
                "type", text "log"
                "domain", list [ number least; number most ]
                "nice", flag false
            ]
            axis ("values", list (values |> List.map number))
        ]

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

    /// For what is no series: limits, marks of a place.
    let grey = "#7d7d7d"

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

    /// The field `series` as colour.
    let series (names: string list) : string * Node =
        "color", node [ "field", text "series"; "type", text "nominal"; colours names; legend ]

    /// Data of one line or point of its own.
    let values (rows: Node list) : string * Node = "data", node [ "values", list rows ]

    let dashed length gap : string * Node =
        "strokeDash", list [ number length; number gap ]
