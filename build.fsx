// The build script: `dotnet fsi build.fsx TARGET [-- ARGUMENTS]`.
//
//   verify   restore, build and verify every claim; further arguments go to `theory verify`
//   docs     restore, build and write the documentation's site to artifacts/docs; every link of it is checked
//   tables   restore, build and write the families' pages in docs/
//   notebooks restore, build, execute every cell of every notebook and compare its outputs with the stored ones; ends with
//            "N passed, N failed"; --write rewrites the outputs, --data DIR only executes, with the data sets in DIR
//   test     restore, build and run all tests; ends with "N passed, N failed"
//   build    restore and build
//   bench    the workloads here and in NumPy, and their ratios (bench/README.md)
//   format   fantomas and dotnet format
//   pack     NuGet packages into artifacts/
//   packages packs, installs from artifacts/ and runs the documents' samples; --no-build takes what is built
//   site     build, write the report of everything (or of the selectors given) and use it in a browser; needs Node.js and
//            Chromium, ends with "N passed, N failed"
//   clean    remove build output
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
let bootstrap () =
    if String.IsNullOrWhiteSpace(Environment.GetEnvironmentVariable "NUGET_FEED") then
        use listing = start "dotnet" [ "nuget"; "list"; "source"; "--format"; "short" ] true
        let text = listing.StandardOutput.ReadToEnd()
        listing.WaitForExit()
        let feed = Regex.Match(text, @"^E\S*\s+(\S+)", RegexOptions.Multiline)

        if not feed.Success then
            eprintfn "No NuGet feed is enabled; see `dotnet nuget list source`."
            exit 2

        Environment.SetEnvironmentVariable("NUGET_FEED", feed.Groups[1].Value)

    run "dotnet" [ "tool"; "restore"; "--verbosity"; "quiet" ]
    run "dotnet" [ "paket"; "restore"; "--silent" ]

let build () =
    bootstrap ()

    run "dotnet" [
        "build"
        "Theory.sln"
        "-c"
        "Release"
        "--nologo"
        "-v"
        "quiet"
        "-clp:ErrorsOnly"
    ]

let theory arguments =
    run "dotnet" ("src/Theory.Cli/bin/Release/net10.0/theory.dll" :: arguments)

let test arguments =
    build ()

    let lines, code =
        capture "dotnet" ([ "test"; "Theory.sln"; "-c"; "Release"; "--no-build"; "--nologo" ] @ arguments)

    // "Passed!  - Failed:     0, Passed:    12, Skipped:     0, Total:    12"
    let count (name: string) =
        lines
        |> List.sumBy (fun line ->
            let found = Regex.Match(line, $@"- Failed: .*?\b{name}:\s*(\d+)|- {name}:\s*(\d+)")

            if not found.Success then 0
            elif found.Groups[1].Success then int found.Groups[1].Value
            else int found.Groups[2].Value)

    let passed, failed = count "Passed", count "Failed"
    printfn ""
    printfn $"{passed} passed, {failed} failed"

    if code <> 0 || failed > 0 || passed = 0 then
        exit (max 1 code)

let format () =
    bootstrap ()
    run "dotnet" [ "fantomas"; "src"; "tests"; "tools"; "bench"; "docs/site"; "build.fsx" ]
    run "dotnet" [ "format"; "Theory.sln"; "--no-restore" ]

/// Every packable project, from what is built.
let pack () =
    if Directory.Exists "artifacts" then
        Directory.GetFiles("artifacts", "*.*nupkg") |> Array.iter File.Delete

    run "dotnet" [
        "pack"
        "Theory.sln"
        "-c"
        "Release"
        "--no-build"
        "-o"
        "artifacts"
        "--nologo"
        "-v"
        "quiet"
    ]

/// The notebooks' cells, executed in order.
let notebooks arguments =
    build ()
    let files = Directory.GetFiles("notebooks", "*.ipynb") |> Array.sort |> List.ofArray

    let how =
        match arguments with
        | [] -> [ "--check" ]
        | [ "--write" ] -> []
        | others -> others

    run
        "dotnet"
        ([ "tools/Theory.Notebooks/bin/Release/net10.0/theory-notebooks.dll"; "run" ]
         @ files
         @ how)

let packages rebuild =
    if rebuild then build () else bootstrap ()
    pack ()
    run "dotnet" [ "fsi"; "tests/Packages/packages.fsx" ]

/// The families that are complete have a page each, made from the registry.
let tables () =
    build ()

    for family in [ "variational-inequalities"; "communication-efficient" ] do
        theory [ "table"; family; "--out"; $"docs/{family}.md" ]

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

let chromium () =
    [
        Environment.GetEnvironmentVariable "CHROMIUM"
        "/usr/bin/chromium"
        "/usr/bin/chromium-browser"
        "/usr/bin/google-chrome"
    ]
    |> List.filter (String.IsNullOrWhiteSpace >> not)
    |> programAmong

/// What the pages load and the browser's driver; again when the lock file is newer.
let webPackages () =
    let installed = FileInfo "web/node_modules/.package-lock.json"

    if
        not installed.Exists
        || installed.LastWriteTimeUtc < FileInfo("web/package-lock.json").LastWriteTimeUtc
    then
        run "npm" [ "ci"; "--prefix"; "web" ]

/// Opens every page of a fresh report in a browser, unless there is none.
let site selectors =
    match programAmong [ "node" ], chromium () with
    | None, _ -> printfn "Node.js was not found, so the report is not tested: nothing passed, nothing failed."
    | _, None ->
        printfn
            "Chromium was not found (CHROMIUM names it), so the report is not tested: nothing passed, nothing failed."
    | Some _, Some browser ->
        webPackages ()
        build ()
        let folder = Directory.CreateTempSubdirectory("theory-site").FullName

        theory ([ "report" ] @ selectors @ [ "--out"; folder ])
        Environment.SetEnvironmentVariable("REPORT", folder)
        Environment.SetEnvironmentVariable("CHROMIUM", browser)

        let lines, code =
            capture "node" [ "--test"; "--test-reporter=tap"; "web/tests/report.test.mjs" ]

        Directory.Delete(folder, true)

        // "# pass 86"
        let count (name: string) =
            lines
            |> List.sumBy (fun line ->
                let found = Regex.Match(line, $@"^# {name} (\d+)$")
                if found.Success then int found.Groups[1].Value else 0)

        let passed, failed = count "pass", count "fail"
        printfn ""
        printfn $"{passed} passed, {failed} failed"

        if code <> 0 || failed > 0 || passed = 0 then
            exit (max 1 code)

/// The site of docs/ and of the reference; ends with "N passed, N failed".
let docs () =
    build ()
    run "dotnet" [ "fsi"; "docs/site/site.fsx" ]

let clean () =
    for folder in [ "src"; "tests"; "tools"; "bench" ] do
        for output in [ "bin"; "obj" ] do
            Directory.GetDirectories(folder, output, SearchOption.AllDirectories)
            |> Array.iter (fun path ->
                if Directory.Exists path then
                    Directory.Delete(path, true))

    if Directory.Exists "artifacts" then
        Directory.Delete("artifacts", true)

let usage () =
    File.ReadLines(Path.Combine(__SOURCE_DIRECTORY__, "build.fsx"))
    |> Seq.takeWhile (fun line -> line.StartsWith "//")
    |> Seq.iter (fun line -> eprintfn "%s" (line.TrimStart('/').TrimStart()))

    exit 2

match fsi.CommandLineArgs |> List.ofArray |> List.tail |> List.filter ((<>) "--") with
| "verify" :: rest ->
    build ()
    theory ("verify" :: rest)
| "test" :: rest -> test rest
| [ "build" ] -> build ()
| "bench" :: rest ->
    build ()
    run "bash" ("bench/run.sh" :: rest)
| "notebooks" :: rest -> notebooks rest
| [ "tables" ] -> tables ()
| "site" :: selectors -> site selectors
| [ "docs" ] -> docs ()
| [ "format" ] -> format ()
| [ "pack" ] ->
    build ()
    pack ()
| [ "packages" ] -> packages true
| [ "packages"; "--no-build" ] -> packages false
| [ "clean" ] -> clean ()
| _ -> usage ()
