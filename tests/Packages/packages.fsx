// Whether the packages in artifacts/ are what a user needs: their metadata, and every sample of README.md and of the packages'
// own READMEs, taken word for word from the document and run from a folder feed in fresh projects and scripts, and the tool.
//
// Run by `dotnet fsi build.fsx packages`, which sets NUGET_FEED. Ends with "N passed, N failed".
#load "Support.fs"
#load "Metadata.fs"

open System
open System.IO
open Support

let root = Path.GetFullPath(Path.Combine(__SOURCE_DIRECTORY__, "..", ".."))
let version = Metadata.version root
let scratch = Directory.CreateTempSubdirectory("theory-packages").FullName
let folderFeed = Path.Combine(scratch, "feed")

/// A folder of its own for every run: no package and no script's resolution of an earlier run can be picked up.
let settings = [
    "NUGET_PACKAGES", Path.Combine(scratch, "packages")
    "THEORY_HOME", Path.Combine(scratch, "home")
    "DOTNET_NOLOGO", "1"
]

let prepare (feed: string) =
    Directory.CreateDirectory folderFeed |> ignore

    for package in Directory.GetFiles(Path.Combine(root, "artifacts"), $"*.{version}.nupkg") do
        File.Copy(package, Path.Combine(folderFeed, Path.GetFileName package))

    // Packages of this repository come from the folder only, all others from the feed only.
    File.WriteAllText(
        Path.Combine(scratch, "nuget.config"),
        $"""<configuration>
  <packageSources><clear /><add key="folder" value="{folderFeed}" /><add key="feed" value="{feed}" /></packageSources>
  <packageSourceMapping>
    <packageSource key="folder"><package pattern="Theory.*" /></packageSource>
    <packageSource key="feed"><package pattern="*" /></packageSource>
  </packageSourceMapping>
</configuration>"""
    )

/// A console project that references the package and is the sample.
let runProgram (name: string) package (sample: string) =
    let folder = Path.Combine(scratch, name)

    call settings scratch "dotnet" [ "new"; "console"; "--no-restore"; "-o"; folder ]
    |> ignore

    call settings folder "dotnet" [ "add"; "package"; package; "--version"; version ]
    |> ignore

    File.WriteAllText(Path.Combine(folder, "Program.cs"), sample)
    call settings folder "dotnet" [ "run" ]

/// A script that is the sample; only the feeds are named before it.
let runScript (name: string) (feed: string) (sample: string) =
    let folder = Directory.CreateDirectory(Path.Combine(scratch, name)).FullName
    let script = Path.Combine(folder, "sample.fsx")
    File.WriteAllText(script, $"#i \"nuget: {folderFeed}\"\n#i \"nuget: {feed}\"\n{sample}")
    call settings folder "dotnet" [ "fsi"; script ]

/// What each sample prints, among other things.
let samples feed =
    let csharp document package expected () =
        let name = String.filter Char.IsLetter document + "-cs"
        runProgram name package (sample root document "csharp") |> contains expected

    let fsharp document expected () =
        let name = String.filter Char.IsLetter document + "-fs"

        runScript name feed (sampleFrom "#r \"nuget:" root document "fsharp")
        |> contains expected

    [
        "README.md, C#",
        csharp "README.md" "Theory.Facade" [
            "CE-DIANA: Distributed Learning with Compressed Gradient Differences, 3 claims"
            "CE-DIANA.1: Proved (Spectral)"
            "‖x − x*‖²: 51 records × 1 lanes"
            "LAZY.1: Proved (Spectral), tightness 1, falsifiers killed 1/1"
        ]
        "src/Theory.Facade/README.md, C#",
        csharp "src/Theory.Facade/README.md" "Theory.Facade" [
            "CE-DIANA.1: Proved (Spectral)"
            "‖x − x*‖²: 51 records × 1 lanes"
        ]
        "src/Theory.Numerics/README.md, C#",
        csharp "src/Theory.Numerics/README.md" "Theory.Numerics" [ "difference 0"; "4 lanes on the engine cpu" ]
        "README.md, F#", fsharp "README.md" [ "CE-DIANA.1: Proved on 7 instances, measured/bound 0.97" ]
        "src/Algorithms/README.md, F#",
        fsharp "src/Algorithms/README.md" [
            "Distributed Learning with Compressed Gradient Differences: 3 claims"
            "CE-DIANA.1: Proved on 7 instances, measured/bound 0.97"
        ]
        "src/Problems/README.md, F#", fsharp "src/Problems/README.md" [ "dimension 5"; "Lmax = 100" ]
        "src/Theory.Views/README.md, F#", fsharp "src/Theory.Views/README.md" [ "ompressor" ]
        "src/Theory.Interactive/README.md, F#",
        fsharp "src/Theory.Interactive/README.md" [ "text/html"; "SV-GD.1"; "Everything is as claimed." ]
        "src/Theory.Report/README.md, F#", fsharp "src/Theory.Report/README.md" [ "5 pages, 3 claims" ]
    ]

let tool () =
    let path = Path.Combine(scratch, "tools")

    call settings scratch "dotnet" [ "tool"; "install"; "Theory.Cli"; "--version"; version; "--tool-path"; path ]
    |> ignore

    let theory =
        Path.Combine(
            path,
            (if OperatingSystem.IsWindows() then
                 "theory.exe"
             else
                 "theory")
        )

    call settings scratch theory [ "verify"; "CE-DIANA.1" ]
    |> contains [ "CE-DIANA.1"; "Proved"; "2/2 killed"; "Everything is as claimed." ]

    call settings scratch theory [ "doctor" ]
    |> contains [ "ok       engines"; "ok       catalogue"; "last verification" ]

let packages = Metadata.packages root

for package in packages do
    check $"{package.Id}: metadata, contents, symbols" (fun () -> Metadata.verify root version packages package)

let feed = Environment.GetEnvironmentVariable "NUGET_FEED"

match answers feed with
| Error why ->
    printfn "The samples were not run: %s" why
    check "the feed answers" (fun () -> failwith why)
| Ok() ->
    prepare feed

    for name, run in samples feed do
        check $"sample of {name}" run

    check "the tool: install, verify, doctor" tool

Directory.Delete(scratch, true)
finish ()
