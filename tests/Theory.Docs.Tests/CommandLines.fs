namespace Theory.Docs.Tests

open System
open System.CommandLine
open System.IO
open System.Text.RegularExpressions
open Theory
open Theory.Algorithms
open Theory.Cli
open Theory.Problems

/// Command lines in pages: each must parse, and what it names must exist.
[<RequireQualifiedAccess>]
module CommandLines =

    /// A command line of a page.
    type Line = {
        Page: string
        At: int
        Text: string
        /// What the page shows below it, when it claims to be output, and the line above that.
        Output: (int * string list) option
    }

    let private isConsole (fence: Fence) =
        List.contains fence.Language [ ""; "bash"; "console"; "text"; "sh" ]

    let private prefixes = [
        "theory "
        "dotnet run --project src/Theory.Cli -- "
        "dotnet fsi build.fsx "
    ]

    /// "theory list      papers, methods" is a command and what it does: two blanks separate them.
    let private command (line: string) =
        let line = if line.StartsWith "$ " then line.Substring 2 else line
        let command = (Regex.Split(line, @"\s{2,}|\s+# ")[0]).Trim()

        if prefixes |> List.exists (fun p -> (command + " ").StartsWith p) then
            Some command
        else
            None

    /// The commands of a block. In a console block, what stands between two lines that start with `$` is output.
    let ofFence (fence: Fence) : Line list =
        if not (isConsole fence) then
            []
        else
            let numbered = fence.Lines |> List.indexed

            numbered
            |> List.choose (fun (i, line) ->
                let prompted = line.StartsWith "$ "

                if fence.Language = "text" || (fence.Language = "console" && not prompted) then
                    None
                else
                    command line
                    |> Option.map (fun text -> {
                        Page = fence.Page
                        At = fence.Line + i + 1
                        Text = text
                        Output =
                            if fence.Language = "console" then
                                let below =
                                    fence.Lines
                                    |> List.skip (i + 1)
                                    |> List.takeWhile (fun l -> not (l.StartsWith "$ "))

                                if below.IsEmpty then
                                    None
                                else
                                    Some(fence.Line + i + 1, below)
                            else
                                None
                    }))

    let private catalogue = Catalogue All.papers

    let private families =
        catalogue.Papers |> List.map (fun p -> p.Family) |> List.distinct

    /// Words in capitals stand for something that the reader fills in.
    let private isPlaceholder (word: string) =
        Regex.IsMatch(word, @"^(TOKEN|YOUR-[A-Z]+|FILE|DIR)$")

    let private same (a: string) (b: string) =
        String.Equals(a, b, StringComparison.OrdinalIgnoreCase)

    let private isPaper word =
        catalogue.Papers |> List.exists (fun p -> same p.Key word)

    let private isMethod word =
        catalogue.Methods |> List.exists (fun (_, m) -> same m.Name word)

    let private isComparison word =
        Comparisons.all
        |> List.exists (fun c -> same c.Key word || same c.Source word || same c.Family word)

    /// Does an argument of this name take this word?
    let private knows (argument: string) (word: string) =
        match argument with
        | "selector" -> not (catalogue.Select word).IsEmpty
        | "paper or claim" -> isPaper word || catalogue.Claims |> List.exists (fun (_, c) -> same c.Id word)
        | "method" -> isMethod word
        | "methods" -> isMethod word || isComparison word
        | "family" -> families |> List.exists (same word)
        | _ -> true

    let private unknownNames (parsed: ParseResult) = [
        for argument in parsed.CommandResult.Command.Arguments do
            match parsed.GetResult argument with
            | null -> ()
            | result ->
                for token in result.Tokens do
                    if not (isPlaceholder token.Value || knows argument.Name token.Value) then
                        $"there is no {argument.Name} '{token.Value}'"

        for option in parsed.CommandResult.Command.Options do
            match parsed.GetResult option with
            | null -> ()
            | result when option.Name = "--family" ->
                for token in result.Tokens do
                    if not (knows "family" token.Value) then
                        $"there is no family '{token.Value}'"
            | result when option.Name = "--problem" ->
                for token in result.Tokens do
                    try
                        ProblemCatalogue.build token.Value |> ignore
                    with :? ArgumentException as error ->
                        error.Message
            | _ -> ()
    ]

    /// The targets of build.fsx: its comment's list.
    let targets =
        lazy
            (File.ReadLines(Repository.file "build.fsx")
             |> Seq.takeWhile (fun line -> line.StartsWith "//")
             |> Seq.choose (fun line ->
                 let found = Regex.Match(line, @"^//   (\S+)\s+\S")
                 if found.Success then Some found.Groups[1].Value else None)
             |> Set.ofSeq)

    let private words (text: string) =
        Parsing.CommandLineParser.SplitCommandLine text |> List.ofSeq

    let private arguments (text: string) =
        let prefix = prefixes |> List.find (fun p -> (text + " ").StartsWith p)
        text.Substring(min text.Length prefix.Length) |> words

    /// What is wrong with a command line; empty when nothing is.
    let complaints (text: string) : string list =
        if (text + " ").StartsWith "dotnet fsi build.fsx " then
            match arguments text with
            | target :: _ when targets.Value.Contains target -> []
            | _ -> [ $"'{text}': build.fsx has no such target" ]
        else
            let parsed = Commands.Root().Parse(Array.ofList (arguments text))

            [
                for error in parsed.Errors -> error.Message
                if parsed.Errors.Count = 0 then
                    yield! unknownNames parsed
            ]
            |> List.map (fun complaint -> $"'{text}': {complaint}")

    /// Runs `theory …` in this process; returns what a terminal shows: the output, and the error of a wrong usage.
    let output (text: string) : string =
        let errors = new StringWriter()
        let before = Console.Error

        try
            Console.SetError errors

            let code, printed =
                Printed.capture (fun () -> (Program.Main(Array.ofList (arguments text))).GetAwaiter().GetResult())

            if code = Program.WrongUsage then
                printed + string errors
            else
                printed
        finally
            Console.SetError before
