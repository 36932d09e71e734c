module Theory.Notebooks.Program

open System
open System.IO

let private usage =
    """theory-notebooks run FILE… [--check]

Executes every code cell of the notebooks in order, in one session a notebook, and writes the outputs back.
--check compares the stored outputs with the fresh ones instead, and fails where they differ.
Exit codes: 0 all cells passed; 1 a cell failed or its stored outputs are stale; 2 wrong usage."""

let private runAll check (files: string list) =
    let results =
        files
        |> List.map (fun path ->
            let clock = Diagnostics.Stopwatch.StartNew()
            let result = Runner.file check path

            printfn
                $"{Path.GetFileName path}: {result.Passed} passed, {result.Failed} failed, {clock.Elapsed.TotalSeconds:F1} s"

            result.Problems |> List.iter (eprintfn "  %s")
            result)

    let passed, failed =
        results |> List.sumBy (fun r -> r.Passed), results |> List.sumBy (fun r -> r.Failed)

    printfn $"{passed} passed, {failed} failed"
    if failed = 0 then 0 else 1

[<EntryPoint>]
let main arguments =
    let options, files =
        arguments |> List.ofArray |> List.partition (fun a -> a.StartsWith "--")

    match files with
    | "run" :: (_ :: _ as files) when options |> List.forall ((=) "--check") ->
        match files |> List.tryFind (File.Exists >> not) with
        | Some missing ->
            eprintfn $"There is no file {missing}."
            2
        | None ->
            try
                runAll (not options.IsEmpty) files
            with NotebookException message ->
                eprintfn $"{message}"
                2
    | _ ->
        eprintfn $"{usage}"
        2
