namespace Theory.Report

open System
open System.IO
open System.Reflection

/// The sources that an assembly carries with it, by the modules that they hold.
[<Sealed>]
type Sources private (files: SourceFile list) =

    let byModule = files |> List.map (fun f -> f.Module, f) |> Map.ofList

    /// Where a type has the module's name too, the compiler appends "Module" to that of the module.
    let withoutSuffix (name: string) =
        if name.EndsWith("Module", StringComparison.Ordinal) then
            name.Substring(0, name.Length - "Module".Length)
        else
            name

    /// All files.
    member _.Files = files

    /// The file of a module, by its full name; None where no source of it is here.
    member _.TryFind(moduleName: string) : SourceFile option =
        byModule.TryFind moduleName
        |> Option.orElse (byModule.TryFind(withoutSuffix moduleName))

    /// The file of a module as `from` names it: the one that shares the longest part of its path.
    member _.TryFindShort(from: SourceFile, shortName: string) : SourceFile option =
        let shared (other: SourceFile) =
            Seq.zip from.Module other.Module
            |> Seq.takeWhile (fun (a, b) -> a = b)
            |> Seq.length

        match files |> List.filter (fun f -> f.ShortName = shortName) with
        | [] -> None
        | found -> Some(List.maxBy shared found)

    /// Sources given as paths and texts.
    static member OfTexts(texts: (string * string) list) : Sources =
        Sources(texts |> List.choose (fun (path, text) -> SourceFile.tryParse path text))

    /// The .fs files embedded in an assembly.
    static member OfAssembly(assembly: Assembly) : Sources =
        let read (name: string) =
            match assembly.GetManifestResourceStream name with
            | null -> None
            | stream ->
                use reader = new StreamReader(stream)
                Some(name.Replace('\\', '/'), reader.ReadToEnd())

        assembly.GetManifestResourceNames()
        |> Array.filter (fun name -> name.EndsWith(".fs", StringComparison.Ordinal))
        |> Array.choose read
        |> List.ofArray
        |> Sources.OfTexts
