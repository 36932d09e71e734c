/// What notebooks show of the library's values.
module Theory.Notebooks.Tests.FormatterTests

open System
open System.IO
open System.Text.Json.Nodes
open Xunit
open Microsoft.CodeAnalysis.CSharp.Scripting
open Microsoft.CodeAnalysis.Scripting
open Microsoft.DotNet.Interactive.Formatting
open Theory
open Theory.Algorithms
open Theory.Interactive
open Theory.Views

let private catalogue = Catalogue All.papers

let private claim id =
    catalogue.Select id |> List.exactlyOne |> snd

let private verified id =
    catalogue.Verify(Catalogue.DefaultSettings, catalogue.Select id, ignore)

let private format mimeType (value: obj) =
    match Formatters.Of value |> Seq.tryFind (fun f -> f.MimeType = mimeType) with
    | Some f -> f.Format value
    | None -> failwith $"{value.GetType()} has no format {mimeType}."

[<Fact>]
let ``extension.dib registers every format with a kernel that has no reference to the package`` () =
    let text = File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "extension.dib"))
    Assert.StartsWith("#!csharp\n", text)

    let options =
        ScriptOptions.Default.AddReferences(typeof<Formatter>.Assembly, typeof<Linq.Enumerable>.Assembly)

    CSharpScript.RunAsync(text.Substring(text.IndexOf '\n'), options).Wait()

    let expected = [ for f in Formatters.All -> f.Type, f.MimeType ]
    Assert.Equal<(Type * string) list>(expected, [ for t, mimeType, _ in Formatter.Registered -> t, mimeType ])

    let chart = Charts.plane 12

    for t, mimeType, write in Formatter.Registered do
        if t = typeof<Chart> then
            use writer = new StringWriter()
            write.Invoke(chart, writer)
            Assert.Equal(format mimeType chart, string writer)

    Assert.Equal<string[]>([| "text/html"; "text/plain" |], Formatter.Preferred[typeof<Chart>])
    Assert.Equal<string[]>([| "text/latex"; "text/html"; "text/plain" |], Formatter.Preferred[typeof<Claim>])

[<Fact>]
let ``a verdict of Core and its report of the facade read the same`` () =
    let core = (verified "SV-GD.1").Head

    let report =
        (Api.Verifier.VerifyAsync([| "SV-GD.1" |], Api.VerifyOptions.Default).Result)[0]

    Assert.Equal(format "text/plain" core, format "text/plain" report)
    Assert.Equal(format "text/html" [ core ], format "text/html" [| report |])

[<Fact>]
let ``a verdict shows its rung, tightness and falsifiers, and never its time`` () =
    let result = (verified "SV-GD.1").Head
    let text = format "text/plain" result
    Assert.Contains("Proved (Spectral)", text)
    Assert.Contains("tightness 1.0000", text)
    Assert.Contains("γ = 2.01/L", text)
    Assert.Contains("killed", text)

    let once = format "text/plain" { result with Instances = 1 }
    Assert.Contains("one instance,", once)
    Assert.Equal(text, format "text/plain" { result with Seconds = 1e6 })

[<Fact>]
let ``an erratum says that it must be refuted, with the token that replays it`` () =
    let result = (verified "VI-SGDA.13-printed").Head
    let html = format "text/html" result
    Assert.Contains("Refuted, as an erratum must be", html)
    Assert.Contains(result.Counterexample.Value.Token, html)
    Assert.Contains("Everything is as claimed", format "text/plain" [ result ])

[<Fact>]
let ``a refuted claim is named under a table of verdicts`` () =
    let result = (verified "SV-GD.1").Head

    let refuted = {
        result with
            Verdict = Verdict.Refuted
    }

    Assert.Contains("Not as claimed: SV-GD.1.", format "text/plain" [ result; refuted ])

[<Fact>]
let ``HTML escapes what statements contain`` () =
    let result = {
        (verified "SV-GD.1").Head with
            Statement = "min_{i<k} <b> & \"x\""
    }

    Assert.Contains("min_{i&lt;k} &lt;b&gt; &amp; &quot;x&quot;", format "text/html" result)

[<Fact>]
let ``a claim is its formula in LaTeX`` () =
    let c = claim "SV-GD.2"
    Assert.Equal($"$${c.Formula}$$", format "text/latex" c)

[<Fact>]
let ``a claim without a formula is its statement in LaTeX`` () =
    let c = {
        claim "SV-GD.2" with
            Formula = ""
            Statement = "|x_k|² ≤ 2^k {x}"
    }

    Assert.Equal(@"$$\verb!|x_k|² ≤ 2^k {x}!$$", format "text/latex" c)

[<Fact>]
let ``a chart is the same specification for viewers and in the fragment`` () =
    let chart = Charts.plane 12
    let viewers = JsonNode.Parse(format "application/vnd.vegalite.v5+json" chart)
    let html = format "text/html" chart
    let start = html.IndexOf "const spec = " + "const spec = ".Length

    let fragment =
        JsonNode.Parse(html.Substring(start, html.IndexOf(";\n", start) - start))

    Assert.EndsWith("/v5.json", viewers["$schema"].GetValue<string>())
    viewers["$schema"] <- JsonValue.Create(fragment["$schema"].GetValue<string>())
    Assert.True(JsonNode.DeepEquals(viewers, fragment))
    Assert.Contains(chart.Description, format "text/plain" chart)

[<Fact>]
let ``a chart of the facade is the chart of the library`` () =
    let own = Charts.plane 12
    let facade = Api.Charts.Compressors 12

    for f in Formatters.Of own do
        Assert.Equal(f.Format own, format f.MimeType facade)

[<Fact>]
let ``every registered claim and paper has all its formats`` () =
    for paper in All.papers do
        Assert.NotEqual<string>("", format "text/html" paper)

        for c in paper.Claims do
            Assert.Contains(c.Id, format "text/html" c)
            Assert.Contains(c.Id, format "text/plain" c)
