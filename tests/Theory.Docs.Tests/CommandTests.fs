namespace Theory.Docs.Tests

open System.CommandLine
open System.Text.RegularExpressions
open Theory.Cli
open Xunit

/// Command lines in pages parse, name what exists and print what the page shows; the command's reference is complete.
module CommandTests =

    let pages = CodeTests.allPages

    [<Theory; MemberData(nameof pages)>]
    let ``Command lines parse and name what exists`` (page: string) =
        Pages.fences page
        |> List.collect CommandLines.ofFence
        |> List.collect (fun line ->
            CommandLines.complaints line.Text
            |> List.map (fun complaint -> $"{line.Page}:{line.At}: {complaint}"))
        |> CodeTests.none

    [<Theory; MemberData(nameof pages)>]
    let ``Console blocks show what the command prints`` (page: string) =
        Pages.fences page
        |> List.collect CommandLines.ofFence
        |> List.rev
        |> List.choose (fun line ->
            line.Output
            |> Option.bind (fun (at, shown) ->
                Printed.hold page at shown (Printed.lines (CommandLines.output line.Text))))
        |> CodeTests.none

    /// The sections of docs/command.md: `theory NAME` and the text below.
    let private sections =
        let text = Pages.text "docs/command.md"

        Regex.Matches(text, @"^## `theory ([^`]+)`.*$((?:(?!^## )[\s\S])*)", RegexOptions.Multiline)
        |> Seq.map (fun m -> m.Groups[1].Value, m.Groups[2].Value)
        |> Map.ofSeq

    /// Every command that does something, with its words: "plot run".
    let private leaves =
        let rec under (words: string) (command: Command) = [
            if command.Subcommands.Count = 0 then
                words, command
            else
                for child in command.Subcommands do
                    yield! under (words + " " + child.Name) child
        ]

        [
            for command in Commands.Root().Subcommands do
                yield! under command.Name command
        ]

    let commands: TheoryData<string> =
        let data = TheoryData<string>()
        leaves |> List.iter (fun (words, _) -> data.Add words)
        data

    [<Theory; MemberData(nameof commands)>]
    let ``The reference describes every option of a command and no other`` (name: string) =
        let _, command = leaves |> List.find (fun (words, _) -> words = name)

        match sections |> Map.tryFind name with
        | None -> CodeTests.none [ $"docs/command.md has no section '## `theory {name}`'" ]
        | Some text ->
            let options = [
                for option in command.Options do
                    if not option.Hidden then
                        option.Name
            ]

            let described =
                Regex.Matches(text, @"(?<=`)--[a-z][a-z-]*")
                |> Seq.map (fun m -> m.Value)
                |> List.ofSeq

            let arguments =
                command.Arguments
                |> Seq.filter (fun argument -> not (text.Contains $"`{argument.Name}`"))
                |> Seq.map (fun argument -> $"does not describe the argument `{argument.Name}`")
                |> List.ofSeq

            let missing =
                options
                |> List.except described
                |> List.map (fun option -> $"does not describe {option}")

            let unknown =
                described
                |> List.except options
                |> List.map (fun option -> $"describes {option}, which the command lacks")

            arguments @ missing @ unknown
            |> List.map (fun complaint -> $"docs/command.md, `theory {name}`: {complaint}")
            |> CodeTests.none

    [<Fact>]
    let ``The reference has no section of a command that is none`` () =
        let names = leaves |> List.map fst |> Set.ofList

        sections
        |> Map.keys
        |> Seq.filter (fun name -> not (names.Contains name))
        |> Seq.map (fun name -> $"docs/command.md describes `theory {name}`, which does not exist")
        |> List.ofSeq
        |> CodeTests.none
