namespace Theory.Notebooks

open System
open System.IO
open System.Text.Json
open System.Text.Json.Nodes

/// A notebook that cannot be run: which one, and what would be right.
exception NotebookException of message: string with
    override this.Message = this.message

/// The kernel that a notebook names.
[<RequireQualifiedAccess>]
type Language =
    | FSharp
    | CSharp

/// A code cell, seen through its notebook's JSON.
type Cell = {
    /// Its place among all cells, from 1.
    Number: int
    Source: string
    Json: JsonObject
}

/// A notebook of format 4.5.
type Notebook = {
    Path: string
    Language: Language
    Json: JsonObject
    Code: Cell list
}

/// Reads notebooks, and checks that viewers and kernels will open them.
[<RequireQualifiedAccess>]
module Notebook =

    let private fail path message =
        raise (NotebookException $"{Path.GetFileName(path: string)}: {message}")

    let private asObject path what (node: JsonNode | null) : JsonObject =
        match node with
        | :? JsonObject as o -> o
        | _ -> fail path $"{what} must be a JSON object."

    let private stringAt (o: JsonObject) (key: string) : string =
        match o[key] with
        | :? JsonValue as v when v.GetValueKind() = JsonValueKind.String -> v.GetValue<string>()
        | _ -> ""

    let private language path (root: JsonObject) =
        let metadata = asObject path "metadata" root["metadata"]
        let kernel = asObject path "metadata.kernelspec" metadata["kernelspec"]

        match stringAt kernel "name" with
        | ".net-fsharp" -> Language.FSharp
        | ".net-csharp" -> Language.CSharp
        | other -> fail path $"the kernel '{other}' is neither .net-fsharp nor .net-csharp."

    let private checkVersion path (root: JsonObject) =
        let number (key: string) =
            match root[key] with
            | null -> -1
            | node -> node.GetValue<int>()

        if number "nbformat" <> 4 || number "nbformat_minor" < 5 then
            fail path $"""format {number "nbformat"}.{number "nbformat_minor"} is not 4.5, the first with cell ids."""

    let private checkIds path (cells: JsonObject list) =
        let ids = cells |> List.map (fun c -> stringAt c "id")

        if List.contains "" ids then
            fail path "every cell needs an id."

        match ids |> List.countBy id |> List.tryFind (fun (_, n) -> n > 1) with
        | Some(twice, _) -> fail path $"the cell id '{twice}' occurs twice."
        | None -> ()

    /// A notebook from its text. Raises NotebookException naming the file and what is wrong with it.
    let parse (path: string) (text: string) : Notebook =
        let root =
            try
                asObject path "a notebook" (JsonNode.Parse text)
            with :? JsonException as error ->
                fail path $"this is no JSON: {error.Message}"

        checkVersion path root

        let cells =
            match root["cells"] with
            | :? JsonArray as cells -> cells |> Seq.map (asObject path "a cell") |> List.ofSeq
            | _ -> fail path "there is no list of cells."

        checkIds path cells

        {
            Path = path
            Language = language path root
            Json = root
            Code =
                cells
                |> List.indexed
                |> List.filter (fun (_, c) -> stringAt c "cell_type" = "code")
                |> List.map (fun (at, c) -> {
                    Number = at + 1
                    Source = Json.text c["source"]
                    Json = c
                })
        }

    /// Reads a notebook. Raises NotebookException, FileNotFoundException.
    let read (path: string) : Notebook = parse path (File.ReadAllText path)
