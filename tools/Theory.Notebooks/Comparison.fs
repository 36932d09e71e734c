namespace Theory.Notebooks

open System
open System.Globalization
open System.Text.RegularExpressions
open System.Text.Json.Nodes

/// Compares stored outputs with fresh ones: numbers may differ in the last digits, as between processors with other vector
/// units; all else must agree exactly.
[<RequireQualifiedAccess>]
module Comparison =

    /// Relative difference that two numbers may have: six digits are printed, so one in the last place.
    let relative = 2e-5

    /// Absolute difference that two numbers may have: errors of converged runs are rounding noise.
    let absolute = 1e-12

    // A number of its own: not part of a word, of a version or of a token.
    let private number =
        Regex(@"(?<![\w.])[-−+]?(\d{1,3}(,\d{3})+|\d+)(\.\d+)?([eE][-+]?\d+)?(?![\w])", RegexOptions.Compiled)

    let private value (text: string) =
        Double.Parse(text.Replace('−', '-').Replace(",", ""), NumberStyles.Float, CultureInfo.InvariantCulture)

    let private near (a: string) (b: string) =
        a = b
        || (let x, y = value a, value b
            abs (x - y) <= relative * max (abs x) (abs y) + absolute)

    /// Whether two texts agree, but for last digits of numbers.
    let texts (stored: string) (fresh: string) : bool =
        stored = fresh
        || (let numbers text = [ for m in number.Matches text -> m.Value ]
            let around text = number.Replace(text, "#")
            let a, b = numbers stored, numbers fresh
            around stored = around fresh && a.Length = b.Length && List.forall2 near a b)

    let private kind (node: JsonNode | null) =
        match node with
        | null -> "nothing"
        | node -> string (node.GetValueKind())

    /// Where two outputs differ first, and how; None where they agree.
    let rec private difference (path: string) (stored: JsonNode | null) (fresh: JsonNode | null) : string option =
        match stored, fresh with
        | null, null -> None
        | (:? JsonObject as a), (:? JsonObject as b) ->
            let keys (o: JsonObject) =
                o |> Seq.map (fun p -> p.Key) |> Set.ofSeq

            match Set.toList (Set.union (keys a - keys b) (keys b - keys a)) with
            | key :: _ -> Some $"{path}: '{key}' is on one side only"
            | [] -> a |> Seq.tryPick (fun p -> difference $"{path}/{p.Key}" p.Value b[p.Key])
        | (:? JsonArray as a), (:? JsonArray as b) ->
            if a.Count <> b.Count then
                Some $"{path}: {a.Count} stored, {b.Count} fresh"
            else
                Seq.zip a b
                |> Seq.indexed
                |> Seq.tryPick (fun (i, (x, y)) -> difference $"{path}/{i}" x y)
        | (:? JsonValue as a), (:? JsonValue as b) ->
            let a, b = a.ToJsonString(), b.ToJsonString()

            if texts a b then
                None
            else
                Some $"{path}: stored {a}, fresh {b}"
        | _ -> Some $"{path}: stored {kind stored}, fresh {kind fresh}"

    /// Where the outputs of a cell differ from the fresh ones; None where they agree.
    let outputs (stored: JsonNode | null) (fresh: JsonArray) : string option = difference "outputs" stored fresh
