namespace Theory.Notebooks

open System
open System.Collections.Generic
open System.IO
open System.Reflection
open System.Text.RegularExpressions

/// Reads `#r "nuget: Theory.…"` as a reference to the assemblies of this build. All other text passes unchanged.
[<RequireQualifiedAccess>]
module Packages =

    let private directive =
        Regex(
            @"^[ \t]*#r[ \t]+""nuget:[ \t]*(?<name>Theory(\.\w+)+)[ \t]*(,[ \t]*(?<version>[^""]*?)[ \t]*)?""[ \t]*;?[ \t]*\r?$",
            RegexOptions.Multiline ||| RegexOptions.Compiled
        )

    let private folder = AppContext.BaseDirectory

    let private version (assembly: Assembly) =
        match assembly.GetName().Version with
        | null -> ""
        | v -> v.ToString 3

    /// The package's assembly and all that it needs beside the framework: what a package reference brings.
    let private closure (name: string) : Assembly list =
        let seen = HashSet<string>()

        let rec visit (name: AssemblyName) : Assembly list =
            match name.Name with
            | null -> []
            | simple when File.Exists(Path.Combine(folder, simple + ".dll")) && seen.Add simple ->
                let assembly = Assembly.Load name

                assembly
                :: (assembly.GetReferencedAssemblies() |> List.ofArray |> List.collect visit)
            | _ -> []

        visit (AssemblyName name)

    /// The cell's text without its package directives, and the assemblies that they bring. Raises NotebookException for a
    /// package that this build does not make, or another version of it.
    let resolve (source: string) : string * Assembly list =
        let assemblies = ResizeArray<Assembly>()

        let bring (m: Match) =
            let name, wanted = m.Groups["name"].Value, m.Groups["version"].Value

            match closure name with
            | [] -> raise (NotebookException $"this build makes no package '{name}'.")
            | found ->
                let built = version found.Head

                if wanted <> "" && wanted <> "*" && wanted <> built then
                    raise (NotebookException $"the cell asks for {name} {wanted}, but this build makes {built}.")

                assemblies.AddRange found
                ""

        directive.Replace(source, bring), assemblies |> Seq.distinct |> List.ofSeq
