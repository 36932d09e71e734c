namespace Theory.Notebooks

open System
open System.IO
open System.Text.Json.Nodes

/// What a run is for.
[<RequireQualifiedAccess>]
type Purpose =
    /// Fresh outputs are written into the notebook.
    | Write
    /// Stored outputs are compared with fresh ones.
    | Check
    /// The cells must run; nothing is written or compared.
    | Try

/// How a notebook fared.
type NotebookResult = {
    Path: string
    /// Cells that ran and, in a check, whose stored outputs are the fresh ones.
    Passed: int
    /// Cells that failed or were not reached.
    Failed: int
    /// What is wrong, cell by cell.
    Problems: string list
    /// The notebook with fresh outputs, complete only where nothing failed.
    Fresh: string
}

/// Executes notebooks from their first cell to their last.
[<RequireQualifiedAccess>]
module Runner =

    let private open' language : ISession =
        match language with
        | Language.FSharp -> new FSharpSession()
        | Language.CSharp -> new CSharpSession()

    /// Executes every code cell in order in one session; stops at the first that fails. A check also compares the stored
    /// outputs with the fresh ones.
    let run (purpose: Purpose) (notebook: Notebook) : NotebookResult =
        use session = open' notebook.Language
        let name: string = Path.GetFileName notebook.Path |> string
        let problems = ResizeArray<string>()
        let mutable passed = 0
        let mutable broken = false

        for count, cell in List.indexed notebook.Code do
            if not broken then
                let label = $"{name}, cell {cell.Number}"

                match Session.execute session cell.Source with
                | Error message ->
                    broken <- true
                    problems.Add $"{label}: {message}"
                | Ok outputs ->
                    let fresh = Output.json (count + 1) outputs

                    match
                        (if purpose = Purpose.Check then
                             Comparison.outputs cell.Json["outputs"] fresh
                         else
                             None)
                    with
                    | Some difference -> problems.Add $"{label}: the stored outputs are stale; {difference}"
                    | None -> passed <- passed + 1

                    cell.Json["outputs"] <- fresh
                    cell.Json["execution_count"] <- JsonValue.Create(count + 1)

        {
            Path = notebook.Path
            Passed = passed
            Failed = notebook.Code.Length - passed
            Problems = List.ofSeq problems
            Fresh = Json.write notebook.Json
        }

    /// Runs the notebook in a file. Fresh outputs are written only where every cell passed.
    let file (purpose: Purpose) (path: string) : NotebookResult =
        let result = run purpose (Notebook.read path)

        if purpose = Purpose.Write && result.Failed = 0 then
            File.WriteAllText(path, result.Fresh)

        result
