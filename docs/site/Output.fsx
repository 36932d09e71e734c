/// What fsdocs wrote, made into a site that opens from disk: anchors as GitHub names them, formulas, no request to a network.
module Output

open System
open System.Diagnostics
open System.IO
open System.Net
open System.Text.Json
open System.Text.RegularExpressions

/// The anchor of a heading that is HTML.
let private slug (heading: string) =
    Anchors.slug (WebUtility.HtmlDecode(Regex.Replace(heading, "<[^>]*>", "")))

/// Headings get an id; fsdocs gives them a name of its own.
let private anchors (html: string) =
    let seen = Collections.Generic.Dictionary<string, int>()

    Regex.Replace(
        html,
        @"<(h[1-6])><a name=""[^""]*"" class=""anchor"" href=""[^""]*"">([\s\S]*?)</a></\1>",
        fun (found: Match) ->
            let tag, text = found.Groups[1].Value, found.Groups[2].Value
            let name = slug text
            let count = if seen.ContainsKey name then seen[name] else 0
            seen[name] <- count + 1
            let id = if count = 0 then name else $"{name}-{count}"
            $"<{tag} id=\"{id}\"><a class=\"anchor\" href=\"#{id}\">{text}</a></{tag}>"
    )

/// Icons and buttons of fsdocs' own theme, which need scripts that are not here; the popovers repeat what stands beside.
let private bare (html: string) =
    // What a compiler adds to every record, union and enumeration says nothing of the library.
    let generated =
        Regex
            @"<tr>\s*<td class=""fsdocs-member-usage"">(?:(?!</tr>)[\s\S])*?<a id=""(?:Deconstruct|Equals|GetHashCode|ToString|Is[A-Z]\w*|value__|[^""]*Clone[^""]*|\(=\)|\(<>\))"">[\s\S]*?</tr>"

    let html =
        generated.Replace(
            html,
            fun (row: Match) ->
                if Regex.IsMatch(row.Value, @"<p class=""fsdocs-summary"">\s*\S") then
                    row.Value
                else
                    ""
        )

    let gone = [
        @"<div class=""icon-button-row"">\s*(?:<div class=""fsdocs-source-link""[\s\S]*?</div>\s*)*</div>"
        @"<(fsdocs-details-toggle|iconify-icon)[^>]*>\s*</\1>"
        @"\s(?:onmouseout|onmouseover|onclick)=""[^""]*"""
        @"\sdata-fsdocs-tip(?:-unique)?=""[^""]*"""
    ]

    (html, gone)
    ||> List.fold (fun text pattern -> Regex.Replace(text, pattern, ""))

let private formula =
    Regex(@"<span class=""math"">\\(\(|\[)([\s\S]*?)\\(?:\)|\])</span>")

/// In a cell of a table GitHub needs \\| for \|.
let private tex (raw: string) =
    WebUtility.HtmlDecode(raw).Replace(@"\\|", @"\|").Trim()

type Formula = { tex: string; display: bool }

/// Every formula of the pages.
let private formulas (pages: (string * string) list) =
    pages
    |> List.collect (fun (_, html) -> [
        for found in formula.Matches html ->
            {
                tex = tex found.Groups[2].Value
                display = found.Groups[1].Value = "["
            }
    ])
    |> List.distinct

/// Where KaTeX and Node are, or what is missing.
let katex: Result<string, string> =
    let folder = Input.at "web/node_modules/katex"

    if not (Directory.Exists folder) then
        Error "KaTeX is not here (npm ci --prefix web)"
    else
        try
            use node =
                Process.Start(ProcessStartInfo("node", "--version", RedirectStandardOutput = true))

            node.WaitForExit()
            Ok folder
        with :? ComponentModel.Win32Exception ->
            Error "Node is not here"

/// The formulas as HTML, or what is wrong with each.
let private render (folder: string) (all: Formula list) : Map<Formula, Result<string, string>> =
    let info =
        ProcessStartInfo("node", RedirectStandardInput = true, RedirectStandardOutput = true)

    info.ArgumentList.Add(Input.at "docs/site/formulas.mjs")
    info.ArgumentList.Add folder
    use node = Process.Start info
    let answer = node.StandardOutput.ReadToEndAsync()
    node.StandardInput.Write(JsonSerializer.Serialize(Array.ofList all))
    node.StandardInput.Close()
    use parsed = JsonDocument.Parse answer.Result

    Seq.zip all (parsed.RootElement.EnumerateArray())
    |> Seq.map (fun (one, element) ->
        match element.TryGetProperty "html" with
        | true, html -> one, Ok(string (html.GetString()))
        | _ -> one, Error(string (element.GetProperty("error").GetString())))
    |> Map

/// A file of the repository as a page, with a line to point at.
let private sourcePage (template: string) (path: string) =
    let lines =
        File.ReadAllLines(Input.at path)
        |> Array.mapi (fun i line ->
            $"<span id=\"L{i + 1}\"><a class=\"line\" href=\"#L{i + 1}\">{i + 1}</a>{WebUtility.HtmlEncode line}</span>")
        |> String.concat "\n"

    template
        .Replace("{{fsdocs-page-title}}", path)
        .Replace("{{fsdocs-content}}", $"<h1>{path}</h1>\n<pre class=\"source\"><code>{lines}</code></pre>")

/// Finishes the site in a folder. `template` is the page's frame, `sources` the files that pages link to. Returns how many
/// formulas were rendered, and what is wrong with the others.
let finish (site: string) (template: string) (sources: Set<string>) : int * string list =
    for path in sources do
        let file = Path.Combine(site, "source", path)
        Directory.CreateDirectory(string (Path.GetDirectoryName file)) |> ignore

        if Input.isPicture path then
            File.Copy(Input.at path, file, true)
        else
            File.WriteAllText(file + ".html", (sourcePage template path).Replace("{{root}}", "@root@/"))

    for unwanted in [ "NuGet.config"; "index.json"; "llms.txt"; "llms-full.txt" ] do
        File.Delete(Path.Combine(site, unwanted))

    for page in Directory.GetFiles(site, "*.md") do
        File.Delete page

    let pages = [
        for file in Directory.GetFiles(site, "*.html", SearchOption.AllDirectories) -> file, File.ReadAllText file
    ]

    let rendered =
        match katex with
        | Ok folder -> render folder (formulas pages)
        | Error _ -> Map.empty

    for file, html in pages do
        let depth =
            Path.GetRelativePath(site, file).Replace('\\', '/').Split('/').Length - 1

        let withFormulas =
            formula.Replace(
                html,
                fun (found: Match) ->
                    let one = {
                        tex = tex found.Groups[2].Value
                        display = found.Groups[1].Value = "["
                    }

                    match rendered.TryFind one with
                    | Some(Ok html) -> html
                    | _ -> found.Value
            )

        let text =
            (withFormulas |> anchors |> bare).Replace("@root@/", String.replicate depth "../")

        let text =
            match katex with
            | Ok _ -> text
            | Error _ -> Regex.Replace(text, @"\s*<link [^>]*katex[^>]*>", "")

        File.WriteAllText(file, text)

    let wrong = [
        for KeyValue(one, result) in rendered do
            match result with
            | Error reason -> $"formula {one.tex}: {reason}"
            | Ok _ -> ()
    ]

    rendered.Count - wrong.Length, wrong
