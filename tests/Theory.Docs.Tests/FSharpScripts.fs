namespace Theory.Docs.Tests

open System
open System.IO
open FSharp.Compiler.Diagnostics
open FSharp.Compiler.Interactive.Shell

/// F# blocks of a page, type-checked and run in order as one script against the built library. A block that starts with
/// `#I` or `#r` begins a new script.
[<RequireQualifiedAccess>]
module FSharpScripts =

    let private startsScript (fence: Fence) =
        match fence.Lines |> List.tryFind (fun l -> l <> "") with
        | Some line -> line.StartsWith "#I" || line.StartsWith "#r"
        | None -> false

    /// The scripts of a page: runs of blocks.
    let scripts (fences: Fence list) : Fence list list =
        fences
        |> List.filter (fun f -> f.Language = "fsharp" && f.From.IsNone)
        |> List.fold
            (fun scripts fence ->
                match scripts with
                | current :: rest when not (startsScript fence) -> (current @ [ fence ]) :: rest
                | _ -> [ fence ] :: scripts)
            []
        |> List.rev

    let private namesOwnPackage (line: string) = line.StartsWith "#r \"nuget: Theory."

    /// What a block becomes here: paths are from the root, and the library is the one that these tests were built with, also
    /// where a script names a package of it.
    let private here (fence: Fence) =
        let own line =
            if namesOwnPackage line then "" else line

        String.Join("\n", fence.Lines |> List.map own).Replace("bin/Release", $"bin/{Repository.configuration}")

    let private libraries =
        [
            "Theory.Numerics"
            "Theory.Core"
            "Theory.Problems"
            "Theory.Algorithms"
            "MathNet.Numerics"
            "FsCheck"
        ]
        |> List.map (fun name -> "-r:" + Path.Combine(AppContext.BaseDirectory, name + ".dll"))

    let private session references (complaints: TextWriter) =
        let config = FsiEvaluationSession.GetDefaultConfiguration()

        let arguments = [|
            "fsi"
            "--noninteractive"
            "--nologo"
            "--gui-"
            "--quiet"
            "--readline-"
            yield! references
        |]

        FsiEvaluationSession.Create(
            config,
            arguments,
            new StringReader "",
            TextWriter.Null,
            complaints,
            collectible = true
        )

    /// Runs one script; returns what each block printed, or what is wrong with it.
    let run (script: Fence list) : (Fence * Result<string, string>) list =
        use complaints = new StringWriter()
        // A script that names its own references gets no others; one that names the library's packages gets the library.
        let named =
            startsScript script.Head
            && not (script.Head.Lines |> List.exists namesOwnPackage)

        let references = if named then [] else libraries
        // `#I` and `#load` start from the folder in which a session is made.
        Environment.CurrentDirectory <- Repository.root
        use fsi = session references complaints

        let failure (fence: Fence) (error: exn) (diagnostics: FSharpDiagnostic[]) =
            let described =
                diagnostics
                |> Array.filter (fun d -> d.Severity = FSharpDiagnosticSeverity.Error)
                |> Array.map (fun d -> $"line {d.StartLine}: {d.Message}")

            let text =
                if described.Length > 0 then
                    String.Join("\n    ", described)
                else
                    string error

            Error $"{fence.Page}:{fence.Line}: the F# block fails:\n    {text}\n    {complaints}"

        // A block that refers to one that failed fails for that alone.
        let rec all (rest: Fence list) =
            match rest with
            | [] -> []
            | fence :: later ->
                let (outcome, diagnostics), printed =
                    Printed.capture (fun () -> fsi.EvalInteractionNonThrowing(here fence, fence.Page))

                match outcome with
                | Choice1Of2 _ -> (fence, Ok printed) :: all later
                | Choice2Of2 error -> [ fence, failure fence error diagnostics ]

        all script
