namespace Theory.Docs.Tests

open System
open System.IO

/// The checkout that these tests were built from.
[<RequireQualifiedAccess>]
module Repository =

    /// The folder that holds Theory.sln.
    let root =
        let rec up (folder: DirectoryInfo | null) =
            match folder with
            | null -> failwith $"No folder above {AppContext.BaseDirectory} holds Theory.sln."
            | folder when File.Exists(Path.Combine(folder.FullName, "Theory.sln")) -> folder.FullName
            | folder -> up folder.Parent

        up (DirectoryInfo AppContext.BaseDirectory)

    /// "Release" or "Debug": how these tests were built.
    let configuration =
        let parts =
            AppContext.BaseDirectory.TrimEnd(Path.DirectorySeparatorChar).Split(Path.DirectorySeparatorChar)

        parts[parts.Length - 2]

    /// A file of the checkout.
    let file (relative: string) = Path.Combine(root, relative)

    let private markdown (folders: string list) =
        folders
        |> List.filter Directory.Exists
        |> List.collect (fun folder -> List.ofArray (Directory.GetFiles(folder, "*.md")))
        |> List.map (fun path -> Path.GetRelativePath(root, path).Replace('\\', '/'))
        |> List.sort

    /// Every Markdown page that a reader is pointed to, relative to the root.
    let pages = [ "."; "docs"; "bench"; "notebooks" ] |> List.map file |> markdown

    /// The pages that packages show. Their samples load the packages, so a target of its own runs them.
    let packagePages = Directory.GetDirectories(file "src") |> List.ofArray |> markdown

    /// True when outputs in the pages are to be written anew: THEORY_DOCS=write.
    let writing = Environment.GetEnvironmentVariable "THEORY_DOCS" = "write"
