namespace Theory.Notebooks

open System
open System.Globalization
open System.Text.Json.Nodes
open Theory.Interactive

/// What a cell shows.
[<RequireQualifiedAccess>]
type Output =
    /// What it printed.
    | Printed of string
    /// Its last expression, by MIME type.
    | Value of (string * string) list

/// Outputs as notebooks store them.
[<RequireQualifiedAccess>]
module Output =

    /// The value of a cell in every format that the library knows. Texts and numbers are shown as they are; Error names a
    /// type for which a kernel would choose a format of its own, which the stored output could not repeat.
    let ofValue (value: obj | null) : Result<Output, string> =
        match value with
        | null -> Ok(Output.Value [ "text/plain", "<null>" ])
        | :? string as text -> Ok(Output.Value [ "text/plain", text ])
        | :? bool
        | :? int
        | :? int64 -> Ok(Output.Value [ "text/plain", String.Format(CultureInfo.InvariantCulture, "{0}", value) ])
        | :? float as number -> Ok(Output.Value [ "text/plain", number.ToString("R", CultureInfo.InvariantCulture) ])
        | value ->
            match List.ofSeq (Formatters.Of value) with
            | [] ->
                Error
                    $"the value is of type {value.GetType()}, which Theory.Interactive does not format: end the cell with a value that it formats, a text or a number."
            | formats -> Ok(Output.Value [ for f in formats -> f.MimeType, f.Format value ])

    let private isJson (mimeType: string) = mimeType.EndsWith "json"

    /// The outputs of a code cell as nbformat's JSON.
    let json (executionCount: int) (outputs: Output list) : JsonArray =
        let one output =
            match output with
            | Output.Printed text ->
                JsonObject(
                    dict [
                        "name", JsonValue.Create "stdout" :> JsonNode | null
                        "output_type", JsonValue.Create "stream"
                        "text", Json.lines text
                    ]
                )
            | Output.Value formats ->
                let data = JsonObject()

                for mimeType, text in formats do
                    data[mimeType] <-
                        if isJson mimeType then
                            JsonNode.Parse text
                        else
                            Json.lines text

                JsonObject(
                    dict [
                        "data", data :> JsonNode | null
                        "execution_count", JsonValue.Create executionCount
                        "metadata", JsonObject()
                        "output_type", JsonValue.Create "execute_result"
                    ]
                )

        JsonArray(outputs |> List.map (fun o -> one o :> JsonNode | null) |> Array.ofList)
