// Builds the documentation into artifacts/docs: `dotnet fsi docs/site/site.fsx`, after a build in Release.
// The site opens from disk. It ends with "N passed, N failed": links, style sheets and formulas.
#load "Input.fsx"
#load "Anchors.fs"
#load "Output.fsx"
#load "Links.fsx"

open System
open System.Diagnostics
open System.IO

Environment.CurrentDirectory <- Input.root
let site = Input.at "artifacts/docs"
let input = Input.at "artifacts/docs-input"

// fsdocs remembers the projects of its last run; they may have changed.
for folder in [ site; input; Input.at ".fsdocs" ] do
    if Directory.Exists folder then
        Directory.Delete(folder, true)

let sources = Input.write input

let template =
    File.ReadAllText(Input.at "docs/site/_template.html").Replace("@menu@", Input.menu)

File.WriteAllText(Path.Combine(input, "_template.html"), template)

let fsdocs =
    let info = ProcessStartInfo("dotnet", RedirectStandardOutput = true)

    [
        "fsdocs"
        "build"
        "--input"
        input
        "--output"
        site
        "--clean"
        "--nodefaultcontent"
        "--projects"
        yield! Input.libraries
        "--properties"
        "Configuration=Release"
        "--parameters"
        "root"
        "@root@/"
        "fsdocs-collection-name"
        "Theory"
    ]
    |> List.iter info.ArgumentList.Add

    info

let log, code =
    use running = Process.Start fsdocs
    let text = running.StandardOutput.ReadToEnd()
    running.WaitForExit()
    text, running.ExitCode

if code <> 0 || not (File.Exists(Path.Combine(site, "reference", "index.html"))) then
    eprintfn "%s" log
    eprintfn $"fsdocs failed with exit code {code}."
    exit (max 1 code)

let rec copy (source: string) (target: string) =
    Directory.CreateDirectory target |> ignore

    for file in Directory.GetFiles source do
        File.Copy(file, Path.Combine(target, string (Path.GetFileName file)), true)

    for folder in Directory.GetDirectories source do
        copy folder (Path.Combine(target, string (Path.GetFileName folder)))

let content = Path.Combine(site, "content")
Directory.CreateDirectory content |> ignore
File.Copy(Input.at "docs/site/theory.css", Path.Combine(content, "theory.css"), true)

match Output.katex with
| Ok folder ->
    Directory.CreateDirectory(Path.Combine(content, "katex")) |> ignore
    File.Copy(Path.Combine(folder, "dist", "katex.min.css"), Path.Combine(content, "katex", "katex.min.css"), true)
    copy (Path.Combine(folder, "dist", "fonts")) (Path.Combine(content, "katex", "fonts"))
| Error reason -> printfn $"{reason}: formulas stay as TeX."

Directory.Delete(input, true)
let formulas, wrongFormulas = Output.finish site template sources
let links, wrongLinks = Links.check site

for complaint in wrongFormulas @ wrongLinks do
    printfn $"{complaint}"

let pages = Directory.GetFiles(site, "*.html", SearchOption.AllDirectories).Length
printfn $"artifacts/docs/index.html: {pages} pages, {links} links, {formulas} formulas"
printfn $"{formulas + links} passed, {wrongFormulas.Length + wrongLinks.Length} failed"

if not (wrongFormulas.IsEmpty && wrongLinks.IsEmpty) then
    exit 1
