namespace Theory.Views

open System
open System.Diagnostics
open System.IO
open System.Text

/// The scripts and style sheets that show charts and formulas in a browser: Vega, Vega-Lite, vega-embed, KaTeX.
[<Sealed>]
type WebAssets private (folder: string) =

    static let needed = [
        "vega.min.js"
        "vega-lite.min.js"
        "vega-embed.min.js"
        "katex.min.js"
        "katex.min.css"
    ]

    static let complete folder =
        needed |> List.forall (fun file -> File.Exists(Path.Combine(folder, file)))

    /// The folder that holds the files, fonts in fonts/ beneath it.
    member _.Folder = folder

    /// The text of one of the files.
    member _.Text(file: string) =
        File.ReadAllText(Path.Combine(folder, file))

    /// The scripts of a chart, in the order in which a page loads them.
    static member ChartScripts = [ "vega.min.js"; "vega-lite.min.js"; "vega-embed.min.js" ]

    /// The files in the folder that THEORY_WEB names, beside the program (in web/), or in web/dist of a clone that the program
    /// was built in. Error says how to get them.
    static member Find() : Result<WebAssets, string> =
        let above =
            Seq.unfold
                (fun (at: DirectoryInfo | null) ->
                    match at with
                    | null -> None
                    | found -> Some(Path.Combine(found.FullName, "web", "dist"), found.Parent))
                (DirectoryInfo AppContext.BaseDirectory)

        let named =
            match Environment.GetEnvironmentVariable "THEORY_WEB" with
            | null
            | "" -> []
            | folder -> [ folder ]

        match
            Seq.append (named @ [ Path.Combine(AppContext.BaseDirectory, "web") ]) above
            |> Seq.tryFind complete
        with
        | Some folder -> Ok(WebAssets folder)
        | None ->
            Error
                "The scripts that show charts and formulas (Vega, KaTeX) were not found. In a clone, `npm ci --prefix web` gets them (Node.js 18 or newer); elsewhere, name a folder that holds them in THEORY_WEB."

/// Charts as pictures.
[<RequireQualifiedAccess>]
module Svg =

    let private node () =
        let info =
            ProcessStartInfo(
                "node",
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
                StandardInputEncoding = UTF8Encoding false,
                StandardOutputEncoding = Encoding.UTF8
            )

        info

    /// The chart as SVG, drawn by Vega in Node.js. Error says what is missing or what Vega objects to.
    let render (assets: WebAssets) (chart: Chart) : Result<string, string> =
        let script = Path.Combine(assets.Folder, "render.mjs")

        if not (File.Exists script) then
            Error $"{script} is missing; `npm ci --prefix web` puts it there."
        else
            try
                let info = node ()
                info.ArgumentList.Add script

                match Process.Start info with
                | null -> Error "Node.js does not start."
                | started ->
                    use running = started
                    let errors = running.StandardError.ReadToEndAsync()
                    let output = running.StandardOutput.ReadToEndAsync()

                    try
                        running.StandardInput.Write(Chart.json chart)
                        running.StandardInput.Close()
                    with :? IOException ->
                        // It ended before it read; its error output says why.
                        ()

                    running.WaitForExit()

                    if running.ExitCode = 0 then
                        Ok output.Result
                    else
                        Error $"Vega could not draw '{chart.Title}': {errors.Result.Trim()}"
            with :? ComponentModel.Win32Exception ->
                Error "An .svg is drawn by Node.js (18 or newer), which was not found; .html and .json need none."
