/// Every link of the built site leads somewhere, and no page asks a network for anything.
module Links

open System
open System.IO
open System.Net
open System.Text.RegularExpressions

let private attribute = Regex(@"<([a-z-]+)\b[^>]*?\s(href|src)=""([^""]*)""")
let private identifier = Regex(@"\s(?:id|name)=""([^""]*)""")

/// The number of links checked, and what is wrong with the others.
let check (site: string) : int * string list =
    let pages = Directory.GetFiles(site, "*.html", SearchOption.AllDirectories)
    let texts = pages |> Array.map (fun page -> page, File.ReadAllText page) |> Map

    let ids =
        texts
        |> Map.map (fun _ text ->
            lazy
                (identifier.Matches text
                 |> Seq.map (fun m -> WebUtility.HtmlDecode m.Groups[1].Value)
                 |> Set.ofSeq))

    let judge (page: string) (tag: string) (raw: string) =
        let link = WebUtility.HtmlDecode raw

        if Regex.IsMatch(link, "^[a-z]+:") then
            if tag <> "a" then
                Some "would be loaded from a network"
            elif Uri.IsWellFormedUriString(link, UriKind.Absolute) then
                None
            else
                Some "is no well-formed address"
        else
            let path, fragment =
                match link.IndexOf '#' with
                | -1 -> link, ""
                | i -> link.Substring(0, i), Uri.UnescapeDataString(link.Substring(i + 1))

            let file =
                if path = "" then
                    page
                else
                    Path.GetFullPath(Path.Combine(string (Path.GetDirectoryName page), Uri.UnescapeDataString path))

            if not (File.Exists file) then
                Some "leads to no file of the site"
            elif fragment = "" then
                None
            else
                match ids.TryFind file with
                | Some known when not (known.Value.Contains fragment) -> Some "leads to no anchor of that page"
                | _ -> None

    let found = [
        for KeyValue(page, text) in texts do
            for link in attribute.Matches text do
                let tag, target = link.Groups[1].Value, link.Groups[3].Value
                let name = Path.GetRelativePath(site, page)
                judge page tag target |> Option.map (fun what -> $"{name}: '{target}' {what}")

            if Regex.IsMatch(text, @"<script\b|@import|\bfetch\(") then
                Some $"{Path.GetRelativePath(site, page)}: holds a script"
        for sheet in Directory.GetFiles(site, "*.css", SearchOption.AllDirectories) do
            for url in Regex.Matches(File.ReadAllText sheet, @"url\(([^)]+)\)") do
                let path =
                    Path.Combine(string (Path.GetDirectoryName sheet), url.Groups[1].Value.Trim('"', '\''))

                if File.Exists path then
                    None
                else
                    Some $"{Path.GetRelativePath(site, sheet)}: '{url.Groups[1].Value}' is no file of the site"
    ]

    let wrong = List.choose id found
    found.Length - wrong.Length, wrong
