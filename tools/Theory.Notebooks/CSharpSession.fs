namespace Theory.Notebooks

open System
open System.Reflection
open Microsoft.CodeAnalysis
open Microsoft.CodeAnalysis.CSharp
open Microsoft.CodeAnalysis.CSharp.Scripting
open Microsoft.CodeAnalysis.Scripting

/// Executes C# cells with the C# scripting engine, with the namespaces that .NET Interactive opens.
[<Sealed>]
type CSharpSession() =

    let mutable options =
        ScriptOptions.Default
            .WithLanguageVersion(LanguageVersion.Latest)
            .AddImports(
                "System",
                "System.Text",
                "System.Collections",
                "System.Collections.Generic",
                "System.Threading.Tasks",
                "System.Linq"
            )
            .AddReferences(typeof<Linq.Enumerable>.Assembly, typeof<Collections.Generic.SortedSet<int>>.Assembly)

    let mutable state: ScriptState<obj> option = None

    /// Whether the last cell ended with an expression: the engine knows, but does not say.
    let hasValue (script: Script) =
        match typeof<Script>.GetMethod("HasReturnValue", BindingFlags.Instance ||| BindingFlags.NonPublic) with
        | null -> invalidOp "This version of the C# scripting engine does not tell expressions from statements."
        | ask -> ask.Invoke(script, null) = box true

    let run (source: string) =
        let script =
            match state with
            | None -> CSharpScript.Create<obj>(source, options)
            | Some before -> before.Script.ContinueWith<obj>(source, options)

        let serious =
            script.Compile()
            |> Seq.filter (fun d -> d.Severity >= DiagnosticSeverity.Warning)
            |> Seq.map string
            |> List.ofSeq

        if not serious.IsEmpty then
            Error(String.concat "\n" serious)
        else
            let after =
                match state with
                | None -> script.RunAsync().GetAwaiter().GetResult()
                | Some before -> script.RunFromAsync(before).GetAwaiter().GetResult()

            state <- Some after

            if hasValue script then
                Ok(Evaluated.Value after.ReturnValue)
            else
                Ok Evaluated.Nothing

    interface ISession with
        member _.Run source =
            let source, assemblies = Packages.resolve source
            options <- options.AddReferences(assemblies)

            try
                run source
            with
            | NotebookException _ -> reraise ()
            | error -> Error $"{error.GetType().Name}: {error.Message}"

        member _.Dispose() = ()
