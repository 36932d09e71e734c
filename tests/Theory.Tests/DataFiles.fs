/// Where the real data sets lie: the folder named by the environment variable THEORY_DATA, else `shared/data` beside
/// the repository's root. Tests that need a file that is not there say so and return.
module Theory.Tests.DataFiles

open System
open System.IO
open Xunit.Abstractions

let private root () =
    let rec climb (folder: DirectoryInfo | null) =
        match folder with
        | null -> None
        | here when File.Exists(Path.Combine(here.FullName, "paket.dependencies")) -> Some here.FullName
        | here -> climb here.Parent

    climb (DirectoryInfo AppContext.BaseDirectory)

let private folder =
    match Environment.GetEnvironmentVariable "THEORY_DATA" with
    | null
    | "" -> root () |> Option.map (fun at -> Path.Combine(at, "..", "shared", "data"))
    | named -> Some named

/// The file's path, when it is there.
let tryFind (name: string) : string option =
    folder
    |> Option.map (fun at -> Path.Combine(at, name))
    |> Option.filter File.Exists

/// Runs a test on a real file, or reports that it was skipped.
let withFile (output: ITestOutputHelper) (name: string) (test: string -> unit) : unit =
    match tryFind name with
    | Some path -> test path
    | None -> output.WriteLine $"skipped: no file '{name}'; set THEORY_DATA to the folder of the data sets"
