/// The report: listings are the sources', texts cannot become markup, links lead somewhere.
module Theory.Tests.ReportTests

open System
open System.IO
open System.Text.Json
open System.Text.RegularExpressions
open Xunit
open Theory
open Theory.Algorithms
open Theory.Report

let private catalogue = Catalogue(All.papers)
let private sources = lazy (Sources.OfAssembly(typeof<Comparison>.Assembly))

let private listing (entry: MethodEntry) =
    match Listing.ofMethod sources.Value entry.Modules entry.Name with
    | Ok listing -> listing
    | Error reason -> failwith reason

[<Fact>]
let ``Tokens joined are the source again, for every file of the library`` () =
    Assert.True(sources.Value.Files.Length > 300)

    for file in sources.Value.Files do
        Assert.Equal(file.Text, Tokens.ofSource file.Text |> List.map (fun t -> t.Text) |> String.concat "")

[<Fact>]
let ``Comments, texts and numbers are told apart`` () =
    let kinds =
        Tokens.ofSource "let x' = 1.5e-3 // \"no text\"\nlet s = \"no // comment\" + 'a' (* x *) : 'T"
        |> List.filter (fun t -> t.Kind <> TokenKind.Other)
        |> List.map (fun t -> t.Kind, t.Text)

    Assert.Equal<(TokenKind * string) list>(
        [
            TokenKind.Keyword, "let"
            TokenKind.Identifier, "x'"
            TokenKind.Number, "1.5e-3"
            TokenKind.Comment, "// \"no text\""
            TokenKind.Keyword, "let"
            TokenKind.Identifier, "s"
            TokenKind.Text, "\"no // comment\""
            TokenKind.Text, "'a'"
            TokenKind.Comment, "(* x *)"
        ],
        kinds
    )

[<Fact>]
let ``Every method of the catalogue has a listing with its record, its rule and its step`` () =
    for _, entry in catalogue.Methods do
        let listing = listing entry
        let text = listing.Excerpts |> List.map (fun e -> e.Text) |> String.concat "\n"
        Assert.True(Regex.IsMatch(text, @"\bStep =\s"), $"{entry.Name}: no step")
        Assert.True(Regex.IsMatch(text, @"\bRule =\s"), $"{entry.Name}: no rule")
        Assert.DoesNotContain("Claim.create", text)

        // Every definition is in its file as it stands.
        for excerpt in listing.Excerpts do
            for definition in excerpt.Definitions do
                Assert.Contains(definition.Text, excerpt.File.Text)

[<Fact>]
let ``A listing has what the method is made of and leaves out its claims`` () =
    let listing =
        catalogue.Methods
        |> List.map snd
        |> List.find (fun m -> m.Name = "DIANA")
        |> listing

    let excerpt = Assert.Single listing.Excerpts
    Assert.Equal("CommunicationEfficient/DIANA.fs", excerpt.File.Path)
    let names = excerpt.Definitions |> List.collect (fun d -> d.Names)

    Assert.Equal<string list>(
        [
            "Parameters"
            "parametersFor"
            "State"
            "init"
            "step"
            "fixedPoint"
            "lyapunov"
            "contraction"
            "methodWith"
        ],
        names
    )

[<Fact>]
let ``A step that is another module's is listed with that module's definition`` () =
    let listing =
        catalogue.Methods
        |> List.map snd
        |> List.find (fun m -> m.Name = "EG-distributed")
        |> listing

    Assert.Contains(
        listing.Excerpts,
        fun e ->
            e.File.ShortName = "Extragradient"
            && e.Definitions |> List.exists (fun d -> d.Names = [ "step" ])
    )

[<Fact>]
let ``A method whose source is not here says so`` () =
    match Listing.ofMethod sources.Value [ "Somewhere.Else" ] "X" with
    | Error reason -> Assert.Contains("Somewhere.Else", reason)
    | Ok _ -> failwith "There is no such source."

[<Fact>]
let ``No claim's text holds a control character, as a backslash in a plain string leaves`` () =
    for _, claim in catalogue.Claims do
        for text in [ claim.Statement; claim.Formula; claim.Assumptions; claim.Source ] do
            Assert.False(text |> Seq.exists Char.IsControl, $"{claim.Id}: {text}")

[<Fact>]
let ``Texts and attributes cannot become markup`` () =
    let hostile = "</script><b onload=\"x\">&'"

    let page = {
        Path = "index.html"
        Title = hostile
        Summary = hostile
        Scripts = []
        Body = [
            Html.paragraph hostile
            Html.formula hostile hostile
            Html.copyable hostile hostile
            Html.source hostile $"let x = \"{hostile}\" // {hostile}"
            Html.table hostile [ Html.words hostile ] [ [ Html.link hostile hostile ] ]
        ]
    }

    let html = Layout.render true hostile page
    Assert.DoesNotContain("<b ", html)
    Assert.DoesNotContain("onload=\"", html)
    Assert.Contains("&lt;/script&gt;&lt;b onload=&quot;x&quot;&gt;&amp;&#39;", html)

let private scratch () =
    Directory.CreateTempSubdirectory("theory-report").FullName

let private settings = {
    Catalogue.DefaultSettings with
        Profile = Profile.Quick
        Threads = 1
}

/// A small report: one paper of each of two families, one with an erratum and one with comparisons.
let private small =
    lazy
        (let selected =
            [ "CE-DIANA"; "SD-ULA"; "CE-TAMUNA.1*" ] |> List.collect catalogue.Select

         let stages = ResizeArray<string>()
         let data = Gather.report catalogue settings selected (fun p -> stages.Add p.Stage)
         data, stages |> Seq.distinct |> List.ofSeq)

let private written assets =
    let folder = scratch ()
    folder, Site.write folder assets (fst small.Value)

[<Fact>]
let ``Every link of a report leads to a page and a place that are there`` () =
    let folder, report = written (Error "no assets")
    let pages = Directory.GetFiles(folder, "*.html", SearchOption.AllDirectories)
    Assert.Equal(report.Pages, pages.Length)

    let texts =
        pages |> Array.map (fun page -> page, File.ReadAllText page) |> Map.ofArray

    for KeyValue(page, text) in texts do
        let ids = [ for m in Regex.Matches(text, "\\sid=\"([^\"]+)\"") -> m.Groups[1].Value ]
        Assert.Equal(ids.Length, (List.distinct ids).Length)

        for link in Regex.Matches(text, "(?:href|src)=\"([^\"]*)\"") do
            let target = link.Groups[1].Value
            Assert.DoesNotMatch("^(https?:|//)", target)

            if not (target.StartsWith("data:", StringComparison.Ordinal)) then
                let parts = target.Split '#'

                let file =
                    if parts[0] = "" then
                        page
                    else
                        Path.GetFullPath(
                            Path.Combine(Path.GetDirectoryName page |> Option.ofObj |> Option.get, parts[0])
                        )

                Assert.True(File.Exists file, $"{page}: {target}")

                if parts.Length > 1 then
                    Assert.Contains($" id=\"{parts[1]}\"", texts[file])

    Directory.Delete(folder, true)

[<Fact>]
let ``A report tells each claim's verdict, the erratum's counterexample and the stages of its making`` () =
    let data, stages = small.Value
    Assert.Equal<string list>([ "verifying claims"; "running methods"; "comparing methods" ], stages)
    let folder, report = written (Error "no assets")
    Assert.Equal(Some "no assets", report.Missing)
    let paper = File.ReadAllText(Path.Combine(folder, "papers", "CE-DIANA.html"))

    for result in data.Results |> List.filter (fun r -> r.Paper = "CE-DIANA") do
        Assert.Contains($"id=\"{result.Claim}\"", paper)

    Assert.Contains("theory replay ", File.ReadAllText(Path.Combine(folder, "errata.html")))
    // Without scripts the formulas are texts and the charts are tables.
    Assert.DoesNotContain("katex", paper)
    Assert.Contains("the paper&#39;s bound", paper)
    Directory.Delete(folder, true)

[<Fact>]
let ``A chart's specification stands in its page as it is`` () =
    let data, _ = small.Value
    let page = Layout.render true "" (OverviewPage.page true data)

    let specs = [
        for m in Regex.Matches(page, "<script type=\"application/json\" class=\"spec\">(.*?)</script>") ->
            JsonDocument.Parse(m.Groups[1].Value).RootElement
    ]

    Assert.Equal(2, specs.Length)

    for spec in specs do
        Assert.True(spec.GetProperty("data").GetProperty("values").GetArrayLength() > 0)

[<Fact>]
let ``A report overwrites an earlier one and nothing else`` () =
    let folder = scratch ()
    let data = fst small.Value
    Site.write folder (Error "") data |> ignore
    let stale = Path.Combine(folder, "papers", "OLD.html")
    File.WriteAllText(stale, "")
    Site.write folder (Error "") data |> ignore
    Assert.False(File.Exists stale)
    File.Delete(Path.Combine(folder, ".theory-report"))
    let error = Assert.Throws<ArgumentException>(fun () -> Site.check folder)
    Assert.Contains(folder, error.Message)
    let file = Path.Combine(folder, "index.html")
    Assert.Throws<ArgumentException>(fun () -> Site.check file) |> ignore
    Directory.Delete(folder, true)
