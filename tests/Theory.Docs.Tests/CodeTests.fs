namespace Theory.Docs.Tests

open System
open System.IO
open Xunit

/// Every code block of every page is compiled, and what it prints is what the page shows.
module CodeTests =

    do Environment.SetEnvironmentVariable("THEORY_HOME", Directory.CreateTempSubdirectory("theory-docs").FullName)

    let none (complaints: string list) =
        Assert.True(complaints.IsEmpty, "\n" + String.Join("\n", complaints))

    let private theory (pages: string list) =
        let data = TheoryData<string>()
        pages |> List.iter data.Add
        data

    let pages: TheoryData<string> = theory Repository.pages

    /// With the pages of packages.
    let allPages: TheoryData<string> =
        theory (Repository.pages @ Repository.packagePages)

    /// The text block below a code block, if there is one: what it prints.
    let private shownBelow (fences: Fence list) (fence: Fence) =
        fences
        |> List.skipWhile (fun f -> f.Line <> fence.Line)
        |> List.tail
        |> List.tryHead
        |> Option.filter (fun below -> below.FollowsCode && below.Language = "text")

    let private held fences (fence: Fence, printed: string) =
        shownBelow fences fence
        |> Option.bind (fun shown -> Printed.hold shown.Page shown.Line shown.Lines (Printed.lines printed))

    [<Theory; MemberData(nameof pages)>]
    let ``F# blocks run and print what the page shows`` (page: string) =
        let fences = Pages.fences page

        // From the end, so that rewriting one block does not move the others.
        FSharpScripts.scripts fences
        |> List.collect FSharpScripts.run
        |> List.rev
        |> List.choose (fun (fence, outcome) ->
            match outcome with
            | Error complaint -> Some complaint
            | Ok printed -> held fences (fence, printed))
        |> none

    [<Theory; MemberData(nameof pages)>]
    let ``C# blocks run and print what the page shows`` (page: string) =
        let fences = Pages.fences page

        CSharpPrograms.programs fences
        |> List.rev
        |> List.collect (fun program ->
            match CSharpPrograms.run program with
            | Error complaint -> [ complaint ]
            | Ok printed -> printed |> List.rev |> List.choose (held fences))
        |> none

    let private squeezed (text: string) =
        text.Split([| ' '; '\n'; '\r'; '\t' |], StringSplitOptions.RemoveEmptyEntries)
        |> String.concat " "

    [<Theory; MemberData(nameof pages)>]
    let ``Blocks from a source file occur in it word for word`` (page: string) =
        Pages.fences page
        |> List.choose (fun fence ->
            match fence.From with
            | None -> None
            | Some source when not (File.Exists(Repository.file source)) ->
                Some $"{page}:{fence.Line}: there is no file {source}"
            | Some source ->
                let whole = squeezed (File.ReadAllText(Repository.file source))
                let part = squeezed (String.Join("\n", fence.Lines))

                if whole.Contains(part, StringComparison.Ordinal) then
                    None
                else
                    Some $"{page}:{fence.Line}: the block is not in {source}")
        |> none

    [<Fact>]
    let ``The README and the C# guide show the tested sample`` () =
        let sample =
            File.ReadAllText(Repository.file "tests/Theory.Facade.Tests/Sample.cs")
            |> squeezed

        [ "README.md"; "docs/csharp.md" ]
        |> List.filter (fun page ->
            Pages.fences page
            |> List.forall (fun f -> f.Language <> "csharp" || squeezed (String.Join("\n", f.Lines)) <> sample))
        |> List.map (fun page -> $"{page} does not show tests/Theory.Facade.Tests/Sample.cs")
        |> none
