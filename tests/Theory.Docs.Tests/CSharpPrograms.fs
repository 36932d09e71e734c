namespace Theory.Docs.Tests

open System
open System.IO
open System.Reflection
open System.Runtime.Loader
open Microsoft.CodeAnalysis
open Microsoft.CodeAnalysis.CSharp
open Microsoft.CodeAnalysis.CSharp.Syntax

/// C# blocks of a page, compiled and run in order as one program against the built facade. A block that starts with a
/// `using` directive begins a new program.
[<RequireQualifiedAccess>]
module CSharpPrograms =

    let private options =
        CSharpParseOptions.Default.WithLanguageVersion LanguageVersion.Latest

    let private unitOf (fence: Fence) =
        CSharpSyntaxTree.ParseText(String.Join("\n", fence.Lines), options, fence.Page).GetCompilationUnitRoot()

    /// The programs of a page: runs of blocks.
    let programs (fences: Fence list) : Fence list list =
        fences
        |> List.filter (fun f -> f.Language = "csharp" && f.From.IsNone)
        |> List.fold
            (fun programs fence ->
                match programs with
                | current :: rest when (unitOf fence).Usings.Count = 0 -> (current @ [ fence ]) :: rest
                | _ -> [ fence ] :: programs)
            []
        |> List.rev

    /// Separates what the blocks print.
    let private separator = "\u001e"

    // What ImplicitUsings gives a console project.
    let private implicitUsings =
        [
            "System"
            "System.IO"
            "System.Linq"
            "System.Collections.Generic"
            "System.Threading"
            "System.Threading.Tasks"
        ]
        |> List.map (fun name -> $"global using global::{name};")
        |> String.concat "\n"

    /// Directives first, statements in order with separators, declarations of types last.
    let private source (program: Fence list) =
        let units = program |> List.map unitOf

        let usings =
            units
            |> List.collect (fun u -> [ for using in u.Usings -> using.ToFullString() ])

        let members statements =
            units
            |> List.map (fun u ->
                u.Members
                |> Seq.filter (fun m -> (m :? GlobalStatementSyntax) = statements)
                |> Seq.map (fun m -> m.ToFullString())
                |> String.concat "\n")

        let separated = members true |> String.concat $"\nConsole.Write(\"{separator}\");\n"

        String.concat "\n" (usings @ [ separated ] @ members false)

    let private references =
        // The runtime's own list of what a program here can load.
        (string (AppContext.GetData "TRUSTED_PLATFORM_ASSEMBLIES")).Split(Path.PathSeparator)
        |> Array.filter (fun path -> path <> "" && not (path.EndsWith "theory.dll"))
        |> Array.map (fun path -> MetadataReference.CreateFromFile path :> MetadataReference)

    let private compile (program: Fence list) =
        let parse (text: string) =
            CSharpSyntaxTree.ParseText(text, options)

        let compilation =
            CSharpCompilation.Create(
                "Page" + Guid.NewGuid().ToString "N",
                [ parse implicitUsings; parse (source program) ],
                references,
                CSharpCompilationOptions(
                    OutputKind.ConsoleApplication,
                    nullableContextOptions = NullableContextOptions.Enable
                )
            )

        use image = new MemoryStream()
        let emitted = compilation.Emit image

        let complaints =
            emitted.Diagnostics
            |> Seq.filter (fun d -> d.Severity >= DiagnosticSeverity.Warning)
            |> Seq.map string
            |> List.ofSeq

        if emitted.Success && complaints.IsEmpty then
            Ok(image.ToArray())
        else
            Error complaints

    /// Runs one program; returns what each block printed, or what is wrong with it.
    let run (program: Fence list) : Result<(Fence * string) list, string> =
        let at = $"{program.Head.Page}:{program.Head.Line}"

        match compile program with
        | Error complaints ->
            let text = String.Join("\n    ", complaints)
            Error $"{at}: the C# program does not compile:\n    {text}"
        | Ok image ->
            let context = AssemblyLoadContext(at, isCollectible = true)

            try
                use stream = new MemoryStream(image)

                match context.LoadFromStream(stream).EntryPoint with
                | null -> Error $"{at}: the C# blocks hold no statement to run."
                | entry ->
                    let arguments: objnull[] = [| for _ in entry.GetParameters() -> box Array.empty<string> |]

                    try
                        let _, printed = Printed.capture (fun () -> entry.Invoke(null, arguments))
                        Ok(List.zip program (printed.Split separator |> List.ofArray))
                    with :? TargetInvocationException as error ->
                        Error $"{at}: the C# program throws: {error.InnerException}"
            finally
                context.Unload()
