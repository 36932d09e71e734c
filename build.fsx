// The build script: `dotnet fsi build.fsx TARGET [-- ARGUMENTS]`. Every target restores and builds what it needs.
//
//   verify     verify every claim; further arguments go to `theory verify`
//   test       run all tests, ends with "N passed, N failed"; or some of them: units, notebooks, packages, docs, site
//              (after units, further arguments go to `dotnet test`). What needs Node.js or Chromium says so where there is
//              none, and everything else runs
//   build      build
//   notebooks  execute every cell of every notebook and compare its outputs with the stored ones; --write rewrites the
//              outputs, --data DIR only executes, with the data sets in DIR
//   docs       write the documentation's site to artifacts/docs, every link checked
//   site       write the report of everything (or of the selectors given) and use it in a browser
//   pack       NuGet packages into artifacts/
//   packages   pack, install from artifacts/ and run the documents' samples
//   web        the scripts of charts and formulas, from npm
//   pages      write what is generated in docs/: the families' pages, the pictures
//   bench      the workloads here and in NumPy, and their ratios (bench/README.md)
//   format     fantomas and dotnet format
//   clean      remove build output
open System
open System.Diagnostics
open System.IO
open System.Text.RegularExpressions

Environment.CurrentDirectory <- __SOURCE_DIRECTORY__
Environment.SetEnvironmentVariable("DOTNET_NOLOGO", "1")
Environment.SetEnvironmentVariable("DOTNET_CLI_TELEMETRY_OPTOUT", "1")

let start (file: string) (arguments: string list) redirect =
    let info =
        ProcessStartInfo(file, UseShellExecute = false, RedirectStandardOutput = redirect)

    arguments |> List.iter info.ArgumentList.Add

    match Process.Start info with
    | null -> failwith $"{file} does not start."
    | started -> started

/// Runs a command; its output goes to ours. Exits with its code when it fails.
let run file arguments =
    use running = start file arguments false
    running.WaitForExit()

    if running.ExitCode <> 0 then
        let text = String.concat " " arguments
        eprintfn $"{file} {text} failed with exit code {running.ExitCode}."
        exit running.ExitCode

/// Runs a command, passing its output on line by line, and returns the lines and the exit code.
let capture file arguments =
    use running = start file arguments true

    let lines = [
        let mutable line = running.StandardOutput.ReadLine()

        while not (isNull line) do
            printfn "%s" line
            line
            line <- running.StandardOutput.ReadLine()
    ]

    running.WaitForExit()
    lines, running.ExitCode

/// Paket reads the feed from NUGET_FEED: the first one that is enabled on this machine, unless the caller chose.
let feed () =
    if String.IsNullOrWhiteSpace(Environment.GetEnvironmentVariable "NUGET_FEED") then
        use listing = start "dotnet" [ "nuget"; "list"; "source"; "--format"; "short" ] true
        let text = listing.StandardOutput.ReadToEnd()
        listing.WaitForExit()
        let feed = Regex.Match(text, @"^E\S*\s+(\S+)", RegexOptions.Multiline)

        if not feed.Success then
            eprintfn "No NuGet feed is enabled; see `dotnet nuget list source`."
            exit 2

        Environment.SetEnvironmentVariable("NUGET_FEED", feed.Groups[1].Value)

let restore groups =
    feed ()
    run "dotnet" [ "tool"; "restore"; "--verbosity"; "quiet" ]
    run "dotnet" ([ "paket"; "restore"; "--silent" ] @ groups)

let bootstrap () = restore []

let quietly = [ "-c"; "Release"; "--nologo"; "-v"; "quiet" ]

let build () =
    bootstrap ()
    run "dotnet" ([ "build"; "Theory.sln"; "-clp:ErrorsOnly" ] @ quietly)

/// The command and what it is made of: no tests, no tools.
let buildCommand () =
    restore [ "--group"; "Main" ]
    run "dotnet" ([ "build"; "src/Theory.Cli"; "-clp:ErrorsOnly" ] @ quietly)

let theory arguments =
    run "dotnet" ("src/Theory.Cli/bin/Release/net10.0/theory.dll" :: arguments)

// ---- What is not of .NET ---------------------------------------------------------------------------------------

/// The first of these programs that starts; None where there is none.
let programAmong (candidates: string list) =
    candidates
    |> List.tryFind (fun program ->
        try
            use started = start program [ "--version" ] true
            started.StandardOutput.ReadToEnd() |> ignore
            started.WaitForExit()
            started.ExitCode = 0
        with :? ComponentModel.Win32Exception ->
            false)

let node = lazy (programAmong [ "node" ])

let chromium =
    lazy
        ([
            Environment.GetEnvironmentVariable "CHROMIUM"
            "/usr/bin/chromium"
            "/usr/bin/chromium-browser"
            "/usr/bin/google-chrome"
         ]
         |> List.filter (String.IsNullOrWhiteSpace >> not)
         |> programAmong)

/// The scripts of charts and formulas and the browser's driver; again when the lock file is newer. None where there is no
/// Node.js.
let web () =
    node.Value
    |> Option.map (fun _ ->
        let installed = FileInfo "web/node_modules/.package-lock.json"

        if
            not installed.Exists
            || not (File.Exists "web/dist/vega.min.js")
            || installed.LastWriteTimeUtc < FileInfo("web/package-lock.json").LastWriteTimeUtc
        then
            run "npm" [ "ci"; "--prefix"; "web"; "--silent" ])

// ---- Suites of tests -------------------------------------------------------------------------------------------

/// What a suite found.
type Outcome = {
    Passed: int
    Failed: int
    /// Why it could not run, or not all of it.
    Missing: string option
}

let missing reason = {
    Passed = 0
    Failed = 0
    Missing = Some reason
}

/// Counts of a suite whose command failed without a count say so.
let outcome passed failed code = {
    Passed = passed
    Failed = (if code <> 0 && failed = 0 then 1 else failed)
    Missing = None
}

let sumOf (pattern: string) (lines: string list) =
    lines
    |> List.sumBy (fun line ->
        let found = Regex.Match(line, pattern)
        if found.Success then int found.Groups[1].Value else 0)

/// "Passed!  - Failed:     0, Passed:    12, Skipped:     0, Total:    12". A test that does not end fails by name.
let units arguments =
    let unending = [ "--blame-hang-timeout"; "10m"; "--blame-hang-dump-type"; "none" ]

    let lines, code =
        capture
            "dotnet"
            ([ "test"; "Theory.sln"; "-c"; "Release"; "--no-build"; "--nologo" ]
             @ unending
             @ arguments)

    outcome (sumOf @"- Failed: .*?\bPassed:\s*(\d+)" lines) (sumOf @"- Failed:\s*(\d+)" lines) code

/// A program that ends with "12 passed, 0 failed".
let counted file arguments =
    let lines, code = capture file arguments

    outcome (sumOf @"^(\d+) passed, \d+ failed$" lines) (sumOf @"^\d+ passed, (\d+) failed$" lines) code

/// Tests of Node.js in a real browser: "# pass 12".
let browserTests (files: string list) =
    Environment.SetEnvironmentVariable("CHROMIUM", Option.get chromium.Value)

    let lines, code =
        capture
            "node"
            ([ "--test"; "--test-reporter=tap" ]
             @ (files |> List.map (fun f -> $"web/tests/{f}.test.mjs")))

    outcome (sumOf @"^# pass (\d+)$" lines) (sumOf @"^# fail (\d+)$" lines) code

let inBrowser what files =
    match node.Value, chromium.Value with
    | None, _ -> missing $"Node.js was not found: {what} was not opened in a browser."
    | _, None -> missing $"Chromium was not found (CHROMIUM names it): {what} was not opened in a browser."
    | Some _, Some _ -> browserTests files

/// The notebooks' cells, executed in order.
let notebooks arguments =
    let files = Directory.GetFiles("notebooks", "*.ipynb") |> Array.sort |> List.ofArray

    let how =
        match arguments with
        | [] -> [ "--check" ]
        | [ "--write" ] -> []
        | others -> others

    counted
        "dotnet"
        ([ "tools/Theory.Notebooks/bin/Release/net10.0/theory-notebooks.dll"; "run" ]
         @ files
         @ how)

/// Every packable project, from what is built.
let pack () =
    if Directory.Exists "artifacts" then
        Directory.GetFiles("artifacts", "*.*nupkg") |> Array.iter File.Delete

    run "dotnet" ([ "pack"; "Theory.sln"; "--no-build"; "-o"; "artifacts" ] @ quietly)

let packages () =
    pack ()
    counted "dotnet" [ "fsi"; "tests/Packages/packages.fsx" ]

/// The site of docs/ and of the reference, a test of its own; then in a browser.
let docs () =
    let _, code = capture "dotnet" [ "fsi"; "docs/site/site.fsx" ]

    if code <> 0 then
        outcome 0 1 code
    else
        let opened = inBrowser "the documentation" [ "docs" ]

        {
            opened with
                Passed = opened.Passed + 1
        }

/// Every page of a fresh report, and every kind of chart.
let site selectors =
    if node.Value.IsNone || chromium.Value.IsNone then
        inBrowser "the report" []
    else
        let folder = Directory.CreateTempSubdirectory("theory-site").FullName
        theory ([ "report" ] @ selectors @ [ "--out"; folder ])
        Environment.SetEnvironmentVariable("REPORT", folder)
        let found = inBrowser "the report" [ "report"; "plot" ]
        Directory.Delete(folder, true)
        found

let suites = [
    "units", units
    "notebooks", notebooks
    "packages", (fun _ -> packages ())
    "docs", (fun _ -> docs ())
    "site", site
]

/// Builds, runs suites and ends with their sum.
let test (chosen: (string * string list) list) =
    let scripts = web ()
    build ()

    let found =
        chosen
        |> List.map (fun (name, arguments) ->
            printfn $"\n==== {name}"
            let clock = Stopwatch.StartNew()
            let result = (suites |> List.find (fun (n, _) -> n = name) |> snd) arguments
            name, result, clock.Elapsed.TotalSeconds)

    printfn ""

    if scripts.IsNone then
        printfn "Node.js was not found: charts and formulas are data and text without their scripts."

    for name, result, seconds in found do
        let remark =
            match result.Missing with
            | Some reason -> " " + reason
            | None -> ""

        printfn $"{name}: passed {result.Passed}, failed {result.Failed} in {seconds:F0} s.{remark}"

    let passed = found |> List.sumBy (fun (_, r, _) -> r.Passed)
    let failed = found |> List.sumBy (fun (_, r, _) -> r.Failed)
    printfn $"\n{passed} passed, {failed} failed"

    if failed > 0 || passed = 0 then
        exit 1

// ---- The rest --------------------------------------------------------------------------------------------------

let format () =
    bootstrap ()
    run "dotnet" [ "fantomas"; "src"; "tests"; "tools"; "bench"; "docs/site"; "build.fsx" ]
    run "dotnet" [ "format"; "Theory.sln"; "--no-restore" ]

/// The families that are complete have a page each, made from the registry; two charts stand on the front page.
let pages () =
    if (web ()).IsNone then
        eprintfn "The pictures are drawn by Node.js, which was not found."
        exit 2

    build ()

    for family in [ "variational-inequalities"; "communication-efficient" ] do
        theory [ "table"; family; "--out"; $"docs/{family}.md" ]

    let proxSkip = [ "ProxSkip"; "--problem" ]
    let rounds = [ "--steps"; "600"; "--lanes"; "20"; "--by"; "rounds" ]

    theory (
        [ "plot"; "rates" ]
        @ proxSkip
        @ [ "quadratic:n=3,d=2,kappa=10"; "--out"; "docs/images/proxskip-stepsizes.svg" ]
    )

    theory (
        [ "plot"; "run" ]
        @ proxSkip
        @ [ "quadratic:n=5,d=10,kappa=100" ]
        @ rounds
        @ [ "--out"; "docs/images/proxskip-rounds.svg" ]
    )

let clean () =
    for folder in [ "src"; "tests"; "tools"; "bench" ] do
        for output in [ "bin"; "obj" ] do
            Directory.GetDirectories(folder, output, SearchOption.AllDirectories)
            |> Array.iter (fun path ->
                if Directory.Exists path then
                    Directory.Delete(path, true))

    for folder in [ "artifacts"; "web/dist"; "web/node_modules" ] do
        if Directory.Exists folder then
            Directory.Delete(folder, true)

let usage () =
    File.ReadLines(Path.Combine(__SOURCE_DIRECTORY__, "build.fsx"))
    |> Seq.takeWhile (fun line -> line.StartsWith "//")
    |> Seq.iter (fun line -> eprintfn "%s" (line.TrimStart('/')))

    exit 2

let isSuite name =
    suites |> List.exists (fun (n, _) -> n = name)

match fsi.CommandLineArgs |> List.ofArray |> List.tail |> List.filter ((<>) "--") with
| "verify" :: rest ->
    buildCommand ()
    theory ("verify" :: rest)
| [ "test" ] -> test [ for name, _ in suites -> name, [] ]
| "test" :: "units" :: rest -> test (List.singleton ("units", rest))
| "test" :: names when names |> List.forall isSuite -> test [ for name in names -> name, [] ]
| "notebooks" :: rest -> test (List.singleton ("notebooks", rest))
| "site" :: selectors -> test (List.singleton ("site", selectors))
| [ "docs" ] -> test (List.singleton ("docs", []))
| [ "packages" ] -> test (List.singleton ("packages", []))
| [ "build" ] -> build ()
| [ "web" ] ->
    if (web ()).IsNone then
        eprintfn "Node.js was not found."
        exit 2
| [ "pages" ] -> pages ()
| "bench" :: rest ->
    build ()
    run "bash" ("bench/run.sh" :: rest)
| [ "format" ] -> format ()
| [ "pack" ] ->
    web () |> ignore
    build ()
    pack ()
| [ "clean" ] -> clean ()
| _ -> usage ()
