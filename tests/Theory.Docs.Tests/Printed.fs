namespace Theory.Docs.Tests

open System
open System.IO
open System.Text.RegularExpressions

/// What code prints, against what a page shows.
[<RequireQualifiedAccess>]
module Printed =

    let private gate = obj ()

    /// Runs work and returns its result with what it wrote to standard output. The console is one for the process.
    let capture (work: unit -> 'T) : 'T * string =
        lock gate (fun () ->
            let before = Console.Out
            use written = new StringWriter()

            try
                Console.SetOut written
                let result = work ()
                result, written.ToString()
            finally
                Console.SetOut before)

    /// Lines without trailing blanks; empty lines at both ends are dropped.
    let lines (text: string) =
        text.Replace("\r\n", "\n").Split('\n')
        |> Array.map (fun line -> line.TrimEnd())
        |> List.ofArray
        |> List.skipWhile ((=) "")
        |> List.rev
        |> List.skipWhile ((=) "")
        |> List.rev

    /// Times, dates and widths of columns differ from run to run; all else must agree.
    let comparable (line: string) =
        let line = Regex.Replace(line.Trim(), @"\s+", " ")
        let line = Regex.Replace(line, @"\b\d+(\.\d+)? s\b", "# s")
        let line = Regex.Replace(line, @"\d{4}-\d{2}-\d{2}", "#")
        // What this machine has verified before.
        let line =
            Regex.Replace(line, @"^tightness\b.*(this machine|profile).*$", "tightness")
        // The column of seconds follows the falsifiers'.
        Regex.Replace(line, @"(killed|alive|–) \d+\.\d\d\b", "$1 #")

    /// Does the printed text agree with the shown lines? A shown line "…" stands for any lines.
    let agrees (shown: string list) (printed: string list) =
        let rec matches shown printed =
            match shown, printed with
            | [], [] -> true
            | [ "…" ], _ -> true
            | "…" :: rest, _ :: others -> matches rest printed || matches shown others
            | s :: rest, p :: others -> comparable s = comparable p && matches rest others
            | _ -> false

        matches shown printed

    /// Rewrites the shown lines when asked to; else says how they differ.
    let hold page line (shown: string list) (printed: string list) =
        if agrees shown printed then
            None
        elif Repository.writing && not (List.contains "…" shown) then
            Pages.rewrite page line printed
            None
        else
            let show (text: string list) =
                text |> List.map (fun l -> "    " + l) |> String.concat "\n"

            Some $"{page}:{line}: the page shows\n{show shown}\n  but the code prints\n{show printed}"
