namespace Theory.Notebooks

open System.IO
open FSharp.Compiler.Diagnostics
open FSharp.Compiler.Interactive.Shell

/// Executes F# cells with the F# compiler service, in this process: values are of the types that this process knows.
[<Sealed>]
type FSharpSession() =
    let log = new StringWriter()
    let input = new StringReader ""

    let session =
        FsiEvaluationSession.Create(
            FsiEvaluationSession.GetDefaultConfiguration(),
            [| "fsi"; "--noninteractive"; "--nologo"; "--gui-"; "--quiet" |],
            input,
            log,
            log
        )

    let text (d: FSharpDiagnostic) =
        $"line {d.StartLine}, {d.ErrorNumberText}: {d.Message}"

    let interact (source: string) =
        let result, diagnostics = session.EvalInteractionNonThrowing source

        let shown =
            diagnostics
            |> Array.filter (fun d -> d.Severity <> FSharpDiagnosticSeverity.Hidden)

        match result with
        | _ when shown.Length > 0 -> Error(shown |> Array.map text |> String.concat "\n")
        | Choice1Of2(Some value) when value.ReflectionType <> typeof<unit> -> Ok(Evaluated.Value value.ReflectionValue)
        | Choice1Of2 _ -> Ok Evaluated.Nothing
        | Choice2Of2 error -> Error $"{error.GetType().Name}: {error.Message}"

    interface ISession with
        member _.Run source =
            let source, assemblies = Packages.resolve source

            let references =
                assemblies |> List.map (fun a -> $"#r @\"{a.Location}\"") |> String.concat "\n"

            match
                (if references = "" then
                     Ok Evaluated.Nothing
                 else
                     interact references)
            with
            | Error message -> Error message
            | Ok _ -> interact source

        member _.Dispose() =
            (session :> System.IDisposable).Dispose()
            log.Dispose()
            input.Dispose()
