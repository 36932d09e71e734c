/// What the site is made of: the pages as fsdocs reads them.
module Input

open System
open System.IO
open System.Text.RegularExpressions

/// The root of the repository.
let root = Path.GetFullPath(Path.Combine(__SOURCE_DIRECTORY__, "..", ".."))

let at (relative: string) = Path.Combine(root, relative)

/// Pages outside docs/ that the site holds too, with their names there.
let private besides =
    Map [
        "README.md", "readme.md"
        "CHANGELOG.md", "changelog.md"
        "bench/README.md", "benchmarks.md"
    ]

/// Every page, relative to the root, with its name in the site.
let pages =
    [
        for path in Directory.GetFiles(at "docs", "*.md") |> Array.sort do
            let name = string (Path.GetFileName path)
            "docs/" + name, name
        for KeyValue(page, name) in besides do
            if File.Exists(at page) then
                page, name
    ]
    |> Map

let isPicture (path: string) =
    [ ".svg"; ".png"; ".jpg" ] |> List.contains (Path.GetExtension path)

/// Where a link of a page leads in the site: another page, or a file of the repository.
let private target (page: string) (link: string) =
    let path, fragment =
        match link.IndexOf '#' with
        | -1 -> link, ""
        | i -> link.Substring(0, i), link.Substring i

    if path = "" || Regex.IsMatch(path, "^[a-z]+:") then
        None
    else
        let folder = string (Path.GetDirectoryName page)

        let relative =
            Path.GetRelativePath(root, Path.GetFullPath(Path.Combine(root, folder, path))).Replace('\\', '/')

        match pages.TryFind relative with
        | Some name -> Some(Path.ChangeExtension(name, "html") + fragment, None)
        | None when isPicture relative -> Some($"source/{relative}", Some relative)
        | None -> Some($"source/{relative}.html{fragment}", Some relative)

let private outsideFences (change: string -> string) (text: string) =
    let mutable inside = false

    text.Split '\n'
    |> Array.map (fun line ->
        if line.StartsWith "```" then
            inside <- not inside
            line
        elif inside then
            line
        else
            change line)
    |> String.concat "\n"

/// fsdocs would load what a script refers to, so these lines stand in a block of their own. Blocks without a language are
/// text.
let private plainScripts (text: string) =
    let mutable inside = false
    let mutable directives = false

    [|
        for line in text.Split '\n' do
            if line.StartsWith "```" then
                inside <- not inside
                directives <- inside && line = "```fsharp"

                if not directives then
                    if inside && line = "```" then "```text" else line
            elif directives then
                directives <- line.StartsWith "#"

                if directives then
                    "```text"
                    line
                    "```"
                else
                    "```fsharp"
                    line
            else
                line
    |]
    |> String.concat "\n"
    |> fun text -> text.Replace("\n```\n```text\n#", "\n#")

/// Writes the pages into a folder; returns the files of the repository that they link to.
let write (folder: string) : Set<string> =
    Directory.CreateDirectory folder |> ignore
    let sources = Collections.Generic.HashSet<string>()

    for KeyValue(page, name) in pages do
        let links (line: string) =
            Regex.Replace(
                line,
                @"(?<=\]\()([^)\s]+)(?=\))",
                fun (found: Match) ->
                    match target page found.Value with
                    | None -> found.Value
                    | Some(there, None) -> there
                    | Some(there, Some source) ->
                        sources.Add source |> ignore
                        there
            )

        let text = File.ReadAllText(at page).Replace("\r\n", "\n")
        File.WriteAllText(Path.Combine(folder, name), text |> plainScripts |> outsideFences links)

    Set.ofSeq sources

/// The menu: the sections of the front page with their links to pages, and the reference.
let menu =
    let text = File.ReadAllText(at "docs/index.md")

    [
        for section: Match in Regex.Matches(text, @"(?m)^## (.+)$((?:(?!^## )[\s\S])*)") do
            let links =
                Regex.Matches(section.Groups[2].Value, @"(?m)(?:^- |, )\[([^\]]+)\]\(([^)]+\.md)\)")
                |> Seq.cast<Match>
                |> Seq.choose (fun (link: Match) ->
                    target "docs/index.md" link.Groups[2].Value
                    |> Option.map (fun (there, _) ->
                        let title = link.Groups[1].Value
                        "          <li><a href=\"{{root}}" + there + "\">" + title + "</a></li>"))
                |> List.ofSeq

            if not links.IsEmpty then
                let title = section.Groups[1].Value
                $"        <div><h2>{title}</h2><ul>"
                yield! links

                if title = "Look up" then
                    "          <li><a href=\"{{root}}reference/index.html\">API reference</a></li>"

                "        </ul></div>"
    ]
    |> String.concat "\n"

/// Packable libraries: what the reference describes.
let libraries =
    [
        for extension in [ "*.fsproj"; "*.csproj" ] do
            yield! Directory.GetFiles(at "src", extension, SearchOption.AllDirectories)
    ]
    |> List.filter (fun project ->
        let text = File.ReadAllText project
        text.Contains "<IsPackable>true" && not (text.Contains "<OutputType>Exe"))
    |> List.sort
