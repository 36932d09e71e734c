namespace Theory.Problems

open System
open Theory

/// The problems that the command line and notebooks build by name.
[<RequireQualifiedAccess>]
module ProblemCatalogue =

    /// All problems that need no file.
    let entries: ProblemEntry list =
        NamedFunctions.entries
        @ NamedOperators.entries
        @ NamedMarkov.entries
        @ NamedSaddles.entries
        @ NamedDistributed.entries
        @ NamedClients.entries
        @ NamedNetworked.entries
        @ NamedPipelines.entries

    /// Builds the problem that a text such as `quadratic:n=10,kappa=100` describes. Raises ArgumentException naming the
    /// problem, the parameter and what would be right.
    let build (text: string) : IProblem =
        let name, rest =
            match text.IndexOf ':' with
            | -1 -> text, ""
            | at -> text.Substring(0, at), text.Substring(at + 1)

        match
            entries
            |> List.tryFind (fun e -> String.Equals(e.Name, name, StringComparison.OrdinalIgnoreCase))
        with
        | None ->
            let known = entries |> List.map (fun e -> e.Name) |> String.concat ", "
            invalidArg "problem" $"There is no problem '{name}'; there are {known}."
        | Some entry ->
            let given =
                rest.Split(',', StringSplitOptions.RemoveEmptyEntries)
                |> Array.map (fun part ->
                    match part.Split '=' with
                    | [| key; value |] -> key.Trim(), value.Trim()
                    | _ -> invalidArg "problem" $"'{part}' is not of the form name=value.")
                |> Map.ofArray

            for KeyValue(key, _) in given do
                if entry.Parameters |> List.forall (fun p -> p.Name <> key) then
                    let known = entry.Parameters |> List.map (fun p -> p.Name) |> String.concat ", "
                    invalidArg "problem" $"Problem {entry.Name} has no parameter '{key}'; it has {known}."

            let value key =
                match given.TryFind key with
                | Some v -> v
                | None -> (entry.Parameters |> List.find (fun p -> p.Name = key)).Default

            entry.Build value
