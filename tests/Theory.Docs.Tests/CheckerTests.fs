namespace Theory.Docs.Tests

open Xunit

// Blocks and commands print to the one console of the process, and scripts set its folder.
[<assembly: CollectionBehavior(DisableTestParallelization = true)>]
do ()

/// The checks themselves find what is wrong.
module CheckerTests =

    let private fences source = Pages.fencesOf "page.md" source

    [<Fact>]
    let ``A block from a file, code and what it prints are told apart`` () =
        let found =
            fences
                "From `src/X.fs`; text:\n\n```fsharp\nlet a = 1\n```\n\n```fsharp\nprintfn \"2\"\n```\n\n```text\n2\n```\n"

        Assert.Equal<string list>([ "fsharp"; "fsharp"; "text" ], found |> List.map (fun f -> f.Language))
        Assert.Equal<string option list>([ Some "src/X.fs"; None; None ], found |> List.map (fun f -> f.From))
        Assert.Equal<bool list>([ false; true; true ], found |> List.map (fun f -> f.FollowsCode))
        Assert.Equal<int list>([ 3; 7; 11 ], found |> List.map (fun f -> f.Line))

    [<Fact>]
    let ``An F# block that does not type-check is named with its line`` () =
        let script =
            fences "text\n\n```fsharp\nlet a: int = \"x\"\n```\n" |> FSharpScripts.scripts

        match FSharpScripts.run script.Head with
        | [ _, Error complaint ] -> Assert.Contains("page.md:3", complaint)
        | other -> Assert.Fail $"{other}"

    [<Fact>]
    let ``F# blocks share one script and print one by one`` () =
        let script =
            fences "```fsharp\nlet a = 2\nprintfn \"%d\" a\n```\n\n```fsharp\nprintfn \"%d\" (a + b)\n```\n"
            |> FSharpScripts.scripts

        // The second block is wrong on purpose: there is no b.
        match FSharpScripts.run script.Head with
        | [ _, Ok printed; _, Error _ ] -> Assert.Equal("2", printed.Trim())
        | other -> Assert.Fail $"{other}"

    [<Fact>]
    let ``A C# program that does not compile is an error, and blocks print one by one`` () =
        let good =
            fences
                "```csharp\nusing Theory.Api;\nint a = 1;\nConsole.WriteLine(a);\n```\n\n```csharp\nConsole.WriteLine(a + One.Value);\nstatic class One { public const int Value = 1; }\n```\n"
            |> CSharpPrograms.programs

        match CSharpPrograms.run (List.exactlyOne good) with
        | Ok printed -> Assert.Equal<string list>([ "1"; "2" ], printed |> List.map (fun (_, text) -> text.Trim()))
        | Error complaint -> Assert.Fail complaint

        let bad = fences "```csharp\nint a = \"x\";\n```\n" |> CSharpPrograms.programs
        let outcome = CSharpPrograms.run bad.Head
        Assert.True outcome.IsError

    [<Theory>]
    [<InlineData("theory verify CE-DIANA.1", true)>]
    [<InlineData("theory verify CE-*", true)>]
    [<InlineData("theory verify CE-DIANNA.1", false)>]
    [<InlineData("theory run DIANA --problem quadratic:n=10,d=20,kappa=100", true)>]
    [<InlineData("theory run DIANNA", false)>]
    [<InlineData("theory run DIANA --problem quadrattic", false)>]
    [<InlineData("theory run DIANA --stepz 5", false)>]
    [<InlineData("theory replay TOKEN", true)>]
    [<InlineData("dotnet run --project src/Theory.Cli -- show CE-DIANA", true)>]
    [<InlineData("dotnet fsi build.fsx test", true)>]
    [<InlineData("dotnet fsi build.fsx tets", false)>]
    let ``Command lines are parsed and their names looked up`` (line: string) (right: bool) =
        Assert.Equal(right, (CommandLines.complaints line).IsEmpty)

    [<Fact>]
    let ``Commands are read from blocks with their outputs`` () =
        let found =
            fences
                "```console\n$ theory list\na\nb\n$ theory show CE-DIANA\n```\n\n```\ntheory list      what there is\nother text\n```\n"
            |> List.collect CommandLines.ofFence

        Assert.Equal<string list>(
            [ "theory list"; "theory show CE-DIANA"; "theory list" ],
            found |> List.map (fun l -> l.Text)
        )

        Assert.Equal<string list option>(Some [ "a"; "b" ], found.Head.Output |> Option.map snd)
        Assert.Equal(None, (List.item 1 found).Output)

    [<Fact>]
    let ``Outputs agree up to times, and dots stand for lines`` () =
        Assert.True(Printed.agrees [ "1 claim in 0.3 s"; "…"; "end" ] [ "1 claim in 4.71 s"; "x"; "y"; "end" ])
        Assert.True(Printed.agrees [ "SV-GD.1  2/2 killed  0.33  f" ] [ "SV-GD.1 2/2 killed  1.20 f" ])
        Assert.False(Printed.agrees [ "tightness 0.97" ] [ "tightness 0.98" ])
        Assert.False(Printed.agrees [ "a" ] [ "a"; "b" ])
        Assert.False(Printed.agrees [ "…"; "end" ] [ "x" ])

    [<Theory>]
    [<InlineData("A fast loop", "a-fast-loop")>]
    [<InlineData("What's new: E[V⁺]/V", "whats-new-ev⁺v")>]
    let ``Anchors are GitHub's`` (heading: string) (anchor: string) =
        // '⁺' is no letter or digit and is dropped.
        Assert.Equal(anchor.Replace("⁺", ""), Anchors.slug heading)
