namespace Theory.Notebooks

open System
open System.IO
open System.Threading.Tasks

/// The value of a cell: absent where its last line is no expression.
[<RequireQualifiedAccess>]
type Evaluated =
    | Nothing
    | Value of (obj | null)

/// Executes cells one after another; what one defines, the next ones see.
type ISession =
    inherit IDisposable
    /// Runs a cell. Error says why it failed; warnings and remarks of the compiler fail too, since a kernel would show them.
    abstract Run: source: string -> Result<Evaluated, string>

/// Runs a cell and keeps what it prints.
[<RequireQualifiedAccess>]
module Session =

    /// The outputs of a cell: what it printed, then its value.
    let execute (session: ISession) (source: string) : Result<Output list, string> =
        let console = Console.Out
        use printed = new StringWriter(NewLine = "\n")
        Console.SetOut printed

        let result =
            try
                try
                    session.Run source
                with NotebookException message ->
                    Error message
            finally
                Console.SetOut console

        let text = string printed

        let shown =
            if text = "" then
                []
            else
                [ Output.Printed(text.Replace("\r\n", "\n")) ]

        match result with
        | Error message -> Error message
        | Ok Evaluated.Nothing -> Ok shown
        | Ok(Evaluated.Value value) -> Output.ofValue value |> Result.map (fun v -> shown @ [ v ])
