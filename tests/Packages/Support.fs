/// What the test of the packages is made of: counted checks, programs that are called, samples that are cut out of documents.
module Support

open System
open System.Diagnostics
open System.IO
open System.Net.Http

let mutable private passed = 0
let mutable private failed = 0

/// Runs a check; one that raises has failed.
let check (name: string) (run: unit -> unit) =
    let clock = Stopwatch.StartNew()

    try
        run ()
        passed <- passed + 1
        printfn $"ok      {name} ({clock.Elapsed.TotalSeconds:F1} s)"
    with error ->
        failed <- failed + 1
        printfn $"FAILED  {name}: {error.Message}"

/// Prints the count and ends with it.
let finish () =
    printfn $"{passed} passed, {failed} failed"
    exit (if failed = 0 && passed > 0 then 0 else 1)

/// What a program prints. Raises when it fails, with what it said.
let call (settings: (string * string) list) folder (program: string) (arguments: string list) : string =
    let info =
        ProcessStartInfo(
            program,
            arguments,
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false
        )

    for name, value in settings do
        info.Environment[name] <- value

    use running =
        match Process.Start info with
        | null -> failwith $"{program} does not start."
        | started -> started

    let errors = running.StandardError.ReadToEndAsync()
    let output = running.StandardOutput.ReadToEnd()
    running.WaitForExit()

    if running.ExitCode <> 0 then
        let text = String.concat " " arguments
        failwith $"{program} {text} ended with {running.ExitCode}:\n{output}{errors.Result}"

    output

/// Raises when one of the texts is not in the output.
let contains (expected: string list) (output: string) =
    for text in expected do
        if not (output.Contains(text, StringComparison.Ordinal)) then
            failwith $"the output has no '{text}':\n{output}"

/// The first code block of a language in a document that begins with a text, word for word.
let sampleFrom (beginning: string) root (document: string) (language: string) : string =
    let text = File.ReadAllText(Path.Combine(root, document)).ReplaceLineEndings "\n"
    let opening = $"```{language}\n"

    match text.IndexOf(opening + beginning, StringComparison.Ordinal) with
    | -1 -> failwith $"{document} has no block of {language} that begins with '{beginning}'."
    | at ->
        let from = at + opening.Length
        text.Substring(from, text.IndexOf("```", from, StringComparison.Ordinal) - from)

/// The first code block of a language in a document.
let sample = sampleFrom ""

/// Whether a feed is there: a folder, or a server that answers anything at all.
let answers (feed: string | null) : Result<unit, string> =
    match feed with
    | null
    | "" -> Error "NUGET_FEED is not set; run `dotnet fsi build.fsx packages`."
    | folder when not (folder.StartsWith("http", StringComparison.OrdinalIgnoreCase)) ->
        if Directory.Exists folder then
            Ok()
        else
            Error "the feed is a folder that is not there."
    | address ->
        try
            use client = new HttpClient(Timeout = TimeSpan.FromSeconds 10.0)
            use _ = client.GetAsync(address, HttpCompletionOption.ResponseHeadersRead).Result
            Ok()
        with _ ->
            Error "the feed does not answer."
