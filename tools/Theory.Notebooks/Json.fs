namespace Theory.Notebooks

open System
open System.Text
open System.Text.Encodings.Web
open System.Text.Json
open System.Text.Json.Nodes

/// JSON as Jupyter writes notebooks: keys sorted, one blank of indent, Unicode as it is, a line end at the end.
[<RequireQualifiedAccess>]
module Json =

    /// The keys of every object in order.
    let rec private sorted (node: JsonNode | null) : JsonNode | null =
        match node with
        | :? JsonObject as o ->
            let ordered =
                o
                |> Seq.sortWith (fun a b -> String.CompareOrdinal(a.Key, b.Key))
                |> Seq.map (fun p -> System.Collections.Generic.KeyValuePair(p.Key, sorted p.Value))

            JsonObject ordered
        | :? JsonArray as a -> JsonArray(a |> Seq.map sorted |> Array.ofSeq)
        | null -> null
        | value -> value.DeepClone()

    let private options =
        JsonSerializerOptions(
            WriteIndented = true,
            IndentSize = 1,
            NewLine = "\n",
            Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping
        )

    /// The text of a notebook's JSON.
    let write (node: JsonNode) : string =
        match sorted node with
        | null -> "null\n"
        | node -> node.ToJsonString options + "\n"

    /// The text's lines, each with its line end, as notebooks store multiline text.
    let lines (text: string) : JsonArray =
        let parts = text.Split '\n'

        let ended =
            parts
            |> Array.mapi (fun i part -> if i < parts.Length - 1 then part + "\n" else part)

        JsonArray(
            ended
            |> Array.filter ((<>) "")
            |> Array.map (fun l -> JsonValue.Create l :> JsonNode | null)
        )

    /// A text stored whole or by lines.
    let text (node: JsonNode | null) : string =
        match node with
        | null -> ""
        | :? JsonArray as a ->
            let joined = StringBuilder()

            for part in a do
                match part with
                | null -> ()
                | part -> joined.Append(part.GetValue<string>()) |> ignore

            string joined
        | node -> node.GetValue<string>()
