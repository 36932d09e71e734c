namespace Theory.Docs.Tests

open System
open System.IO
open System.Text.RegularExpressions
open Xunit

/// Every link of every page leads somewhere.
module LinkTests =

    let pages = CodeTests.allPages

    let private wrongAnchor (target: string) (fragment: string) =
        let path = Repository.file target

        if target.EndsWith ".md" then
            if List.contains fragment (Pages.anchors target) then
                None
            else
                let known = Pages.anchors target |> String.concat ", "
                Some $"{target} has no heading '#{fragment}'; it has {known}"
        else
            let line = Regex.Match(fragment, @"^L(\d+)$")

            if line.Success && int line.Groups[1].Value <= File.ReadAllLines(path).Length then
                None
            else
                Some $"{target} has no '#{fragment}'"

    let private complaint (link: Link) =
        if Regex.IsMatch(link.Target, "^[a-z]+:") then
            if Uri.IsWellFormedUriString(link.Target, UriKind.Absolute) then
                None
            else
                Some "is no well-formed address"
        else
            let path, fragment =
                match link.Target.Split('#', 2) with
                | [| path; fragment |] -> path, Some fragment
                | parts -> parts[0], None

            let folder =
                link.Page |> Path.GetDirectoryName |> Option.ofObj |> Option.defaultValue ""

            let target =
                if path = "" then
                    link.Page
                else
                    Path
                        .GetRelativePath(Repository.root, Path.GetFullPath(Path.Combine(Repository.root, folder, path)))
                        .Replace('\\', '/')

            let exists =
                File.Exists(Repository.file target) || Directory.Exists(Repository.file target)

            if target.StartsWith ".." then
                Some "leaves the repository"
            elif not exists then
                Some $"leads to {target}, which does not exist"
            else
                fragment |> Option.bind (wrongAnchor target)

    [<Theory; MemberData(nameof pages)>]
    let ``Links lead to files and headings that exist`` (page: string) =
        Pages.linksOf page (Pages.text page)
        |> List.choose (fun link ->
            complaint link
            |> Option.map (fun what -> $"{page}:{link.Line}: '{link.Target}' {what}"))
        |> CodeTests.none

    [<Fact>]
    let ``Every page of docs is reached from its front page`` () =
        let reached =
            Pages.linksOf "docs/index.md" (Pages.text "docs/index.md")
            |> List.map (fun link -> "docs/" + link.Target)

        Repository.pages
        |> List.filter (fun page -> page.StartsWith "docs/" && page <> "docs/index.md")
        |> List.except reached
        |> List.map (fun page -> $"docs/index.md has no link to {page}")
        |> CodeTests.none

    /// | γ | `Gamma`, `Stepsize` | meaning | [file](../src/…) |
    [<Fact>]
    let ``The glossary's names occur in the files that it links`` () =
        [
            for line in (Pages.text "docs/glossary.md").Split '\n' do
                let sources =
                    Regex.Matches(line, @"\]\(\.\./([^)#]+\.(?:fs|cs))(?:#L\d+)?\)")
                    |> Seq.map (fun m -> File.ReadAllText(Repository.file m.Groups[1].Value))
                    |> List.ofSeq

                let cells = line.Split '|'

                if line.StartsWith "|" && not sources.IsEmpty then
                    for name in Regex.Matches(cells[2], "`([^`]+)`") do
                        let name = name.Groups[1].Value

                        if not (sources |> List.exists (fun text -> text.Contains name)) then
                            $"docs/glossary.md: no linked file of '{cells[1].Trim()}' holds {name}"
        ]
        |> CodeTests.none
