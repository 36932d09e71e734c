module Theory.Notebooks.Program

open System
open System.IO

let private usage =
    """theory-notebooks run FILE… [--check | --data DIR]

Executes every code cell of the notebooks in order, in one session a notebook, and writes the outputs back.
--check     compares the stored outputs with the fresh ones instead, and fails where they differ.
--data DIR  only executes, with real data: DIR is what THEORY_DATA names to the cells. Without it THEORY_DATA is not
            seen by them, so that outputs are the same everywhere.
Exit codes: 0 all cells passed; 1 a cell failed or its stored outputs are stale; 2 wrong usage."""

let private runAll purpose (files: string list) =
    let results =
        files
        |> List.map (fun path ->
            let clock = Diagnostics.Stopwatch.StartNew()
            let result = Runner.file purpose path

            printfn
                $"{Path.GetFileName path}: {result.Passed} passed, {result.Failed} failed, {clock.Elapsed.TotalSeconds:F1} s"

            result.Problems |> List.iter (eprintfn "  %s")
            result)

    let passed, failed =
        results |> List.sumBy (fun r -> r.Passed), results |> List.sumBy (fun r -> r.Failed)

    printfn $"{passed} passed, {failed} failed"
    if failed = 0 then 0 else 1

/// Files, purpose and data folder; None for wrong usage.
let rec private parse files purpose data arguments =
    match arguments with
    | [] when List.isEmpty files -> None
    | [] -> Some(List.rev files, purpose, data)
    | "--check" :: rest when purpose = Purpose.Write -> parse files Purpose.Check data rest
    | "--data" :: folder :: rest when purpose = Purpose.Write -> parse files Purpose.Try (Some folder) rest
    | option :: _ when option.StartsWith "-" -> None
    | file :: rest -> parse (file :: files) purpose data rest

[<EntryPoint>]
let main arguments =
    let chosen =
        match List.ofArray arguments with
        | "run" :: rest -> parse [] Purpose.Write None rest
        | _ -> None

    match chosen with
    | None ->
        eprintfn $"{usage}"
        2
    | Some(files, purpose, data) ->
        let missing = files |> List.filter (File.Exists >> not)

        if not missing.IsEmpty then
            eprintfn $"There is no file {missing.Head}."
            2
        else
            Environment.SetEnvironmentVariable("THEORY_DATA", Option.toObj data)

            try
                runAll purpose files
            with NotebookException message ->
                eprintfn $"{message}"
                2
