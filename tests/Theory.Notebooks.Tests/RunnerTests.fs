/// The executor: what runs, what fails, what is written.
module Theory.Notebooks.Tests.RunnerTests

open System
open System.IO
open System.Text.Json.Nodes
open Xunit
open Theory.Notebooks

let private notebook kernel (cells: string list) =
    let cell i (source: string) =
        JsonObject(
            dict [
                "cell_type", JsonValue.Create "code" :> JsonNode
                "id", JsonValue.Create $"cell-{i}"
                "metadata", JsonObject()
                "source", Json.lines source
                "outputs", JsonArray()
                "execution_count", null
            ]
        )

    let root =
        JsonObject(
            dict [
                "cells", JsonArray(cells |> List.mapi (fun i c -> cell i c :> JsonNode) |> Array.ofList) :> JsonNode
                "metadata", JsonNode.Parse $"""{{"kernelspec": {{"name": "{kernel}"}}}}"""
                "nbformat", JsonValue.Create 4
                "nbformat_minor", JsonValue.Create 5
            ]
        )

    Json.write root

let private run purpose kernel cells =
    Runner.run purpose (Notebook.parse "test.ipynb" (notebook kernel cells))

let private fsharp = run Purpose.Write ".net-fsharp"
let private csharp = run Purpose.Write ".net-csharp"

let private outputs (result: NotebookResult) =
    match JsonNode.Parse result.Fresh with
    | null -> failwith "There is no notebook."
    | root -> [ for c in root["cells"].AsArray() -> c["outputs"].ToJsonString() ]

[<Fact>]
let ``cells share a session, print and end with a value`` () =
    let result = fsharp [ "let x = 20"; "printfn \"half\"\nx + 1"; "x |> ignore" ]
    Assert.Equal((3, 0), (result.Passed, result.Failed))
    let shown = outputs result
    Assert.Equal("[]", shown[0])
    Assert.Contains("\"stdout\"", shown[1])
    Assert.Contains("half\\n", shown[1])
    Assert.Contains("\"text/plain\":[\"21\"]", shown[1])
    Assert.Equal("[]", shown[2])

[<Fact>]
let ``a failing cell fails, is named, and stops the notebook`` () =
    let result = fsharp [ "1"; "(failwith \"no minimiser\": unit)"; "2" ]
    Assert.Equal((1, 2), (result.Passed, result.Failed))
    let problem = Assert.Single result.Problems
    Assert.Contains("test.ipynb, cell 2", problem)
    Assert.Contains("no minimiser", problem)

[<Fact>]
let ``a cell that does not compile fails with its line`` () =
    let result = fsharp [ "let x = 1\nlet y : int = \"one\"" ]
    Assert.Contains("line 2, FS0001", Assert.Single result.Problems)

[<Fact>]
let ``a warning fails, since a kernel would show it`` () =
    let result = fsharp [ "match Some 1 with\n| Some _ -> ()" ]
    Assert.Contains("FS0025", Assert.Single result.Problems)

[<Fact>]
let ``a value that a kernel would show in its own way fails`` () =
    let result = fsharp [ "Map [ (1, 2) ]" ]
    Assert.Contains("FSharpMap", Assert.Single result.Problems)

[<Fact>]
let ``C# cells share a session and end with a value`` () =
    let result =
        csharp [
            "var x = 20; Console.WriteLine(\"half\");"
            "x + 1"
            "await Task.FromResult(x);"
            "throw new InvalidOperationException(\"no minimiser\");"
        ]

    Assert.Equal((3, 1), (result.Passed, result.Failed))
    let shown = outputs result
    Assert.DoesNotContain("execute_result", shown[0])
    Assert.Contains("\"text/plain\":[\"21\"]", shown[1])
    Assert.Equal("[]", shown[2])
    Assert.Contains("no minimiser", Assert.Single result.Problems)

[<Fact>]
let ``a package directive brings this build's assemblies, whose values are formatted`` () =
    let result =
        fsharp [
            "#r \"nuget: Theory.Interactive, 0.1.0\"\nopen Theory.Algorithms"
            "(All.papers |> List.find (fun p -> p.Key = \"SV-GD\")).Claims.Head"
        ]

    Assert.Empty result.Problems
    Assert.Contains("text/latex", (outputs result)[1])

[<Theory>]
[<InlineData("#r \"nuget: Theory.Interactive, 9.9.9\"", "9.9.9")>]
[<InlineData("#r \"nuget: Theory.Nonsense, 0.1.0\"", "Theory.Nonsense")>]
let ``a package that this build does not make is refused`` (directive: string, named: string) =
    Assert.Contains(named, Assert.Single (fsharp [ directive ]).Problems)

[<Fact>]
let ``stale outputs are found, fresh ones pass`` () =
    let fresh = fsharp [ "printfn \"%d\" 21" ]

    let again text =
        Runner.run Purpose.Check (Notebook.parse "test.ipynb" text)

    Assert.Equal((1, 0), ((again fresh.Fresh).Passed, (again fresh.Fresh).Failed))
    let stale = again (fresh.Fresh.Replace("21\\n", "22\\n"))
    Assert.Equal((0, 1), (stale.Passed, stale.Failed))
    Assert.Contains("stale", Assert.Single stale.Problems)

[<Fact>]
let ``the same outputs give the same bytes`` () =
    let first = fsharp [ "\"κ ≤ 1 < 2 & \\\"x\\\"\"" ]
    let second = Runner.run Purpose.Write (Notebook.parse "test.ipynb" first.Fresh)
    Assert.Equal(first.Fresh, second.Fresh)
    Assert.Contains("κ ≤ 1 < 2 &", first.Fresh)

/// The folder of this repository: the nearest one above that holds the solution.
let rec private repository (folder: string) =
    if File.Exists(Path.Combine(folder, "Theory.sln")) then
        folder
    else
        match Path.GetDirectoryName folder with
        | null -> failwith "There is no Theory.sln above the tests."
        | parent -> repository parent

[<Fact>]
let ``the library's notebooks are stored as Jupyter stores them, with every cell executed`` () =
    let files =
        Directory.GetFiles(Path.Combine(repository AppContext.BaseDirectory, "notebooks"), "*.ipynb")

    Assert.Equal(7, files.Length)

    for file in files do
        let notebook = Notebook.read file
        Assert.Equal(File.ReadAllText file, Json.write notebook.Json)

        for number, cell in List.indexed notebook.Code do
            let count = cell.Json["execution_count"]
            Assert.True(not (isNull count), $"{file}: cell {cell.Number} was not executed.")
            Assert.Equal(number + 1, count.GetValue<int>())

[<Theory>]
[<InlineData("{", "no JSON")>]
[<InlineData("{\"nbformat\": 4, \"nbformat_minor\": 4, \"cells\": []}", "4.4")>]
[<InlineData("{\"nbformat\": 4, \"nbformat_minor\": 5, \"cells\": [{\"cell_type\": \"code\"}]}", "id")>]
[<InlineData("{\"nbformat\": 4, \"nbformat_minor\": 5, \"cells\": [], \"metadata\": {\"kernelspec\": {\"name\": \"python3\"}}}",
             "python3")>]
let ``a file that is no notebook is refused with what is wrong`` (text: string, named: string) =
    let refused =
        Assert.Throws<NotebookException>(fun () -> Notebook.parse "test.ipynb" text |> ignore)

    Assert.Contains("test.ipynb", refused.Message)
    Assert.Contains(named, refused.Message)
