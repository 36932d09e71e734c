/// Charts: their numbers are those of the results they are made from.
module Theory.Tests.ChartTests

open System
open System.Text.Json.Nodes
open Xunit
open Theory
open Theory.Problems
open Theory.Algorithms
open Theory.Views

let private catalogue = Catalogue(All.papers)
let private context = catalogue.Context Catalogue.DefaultSettings

let private method name =
    catalogue.Methods |> List.map snd |> List.find (fun m -> m.Name = name)

let private prepared name problem =
    match (method name).Prepare problem [] with
    | Ok prepared -> prepared
    | Error reason -> failwith reason

let private runOf name problem steps lanes every =
    (prepared name problem).Run context {
        Steps = steps
        Every = every
        Lanes = lanes
        Start = None
        Progress = None
    }

let private given (node: JsonNode | null) = node |> Option.ofObj |> Option.get

/// The part of a specification that a path of names leads to.
let private part (path: string list) (node: JsonNode) =
    path |> List.fold (fun (at: JsonNode) name -> given (at.Item name)) node

let private items (node: JsonNode) =
    node.AsArray() |> Seq.map given |> List.ofSeq

/// The rows of a chart's data.
let private rows (chart: Chart) =
    chart.Spec |> part [ "data"; "values" ] |> items

let private number (field: string) (row: JsonNode) = (part [ field ] row).GetValue<float>()
let private text (field: string) (row: JsonNode) = (part [ field ] row).GetValue<string>()

/// Charts keep six digits.
let private same (expected: float) (actual: float) =
    Assert.InRange(actual, expected - 1e-5 * abs expected, expected + 1e-5 * abs expected)

let private quadratic = ProblemCatalogue.build "quadratic:n=3,d=4,kappa=10"

[<Fact>]
let ``a bound's chart holds the mean of the lanes, their band and the bound`` () =
    let run = runOf "DIANA" quadratic 100 8 1
    let bound = run.Bounds.Head
    let chart = Charts.run quadratic Spending.Bits "DIANA" run bound

    for row in rows chart do
        let at = int (number "step" row)
        same (Array.average bound.Measured[at]) (number "measured" row)
        same (Array.average bound.Bound[at]) (number "bound" row)
        same (Array.average run.Counters[Counter.UplinkBits].[at]) (number "spent" row)
        let sorted = Array.sort bound.Measured[at]
        Assert.InRange(number "low" row, sorted[0] * 0.99999, sorted[7] * 1.00001)
        Assert.InRange(number "high" row, number "low" row, sorted[7] * 1.00001)

    Assert.Equal(101, (rows chart).Length)
    Assert.Contains("DIANA", chart.Description)

[<Fact>]
let ``a long run is thinned, its ends kept`` () =
    let run = runOf "GD" quadratic 5000 1 1
    let shown = Charts.run quadratic Spending.Steps "GD" run run.Bounds.Head |> rows
    Assert.InRange(shown.Length, 100, 200)
    Assert.Equal(0.0, number "step" shown[0])
    Assert.Equal(5000.0, number "step" (List.last shown))

[<Fact>]
let ``what a method does not count is refused by name`` () =
    let run = runOf "GD" quadratic 10 1 1

    let error =
        Assert.Throws<ArgumentException>(fun () ->
            Charts.run quadratic Spending.Bits "GD" run run.Bounds.Head |> ignore)

    Assert.Contains("bits from one worker", error.Message)
    Assert.Contains("Gradients", error.Message)

[<Fact>]
let ``a bound that falls as a power of k is shown on two logarithmic axes, a geometric one on one`` () =
    let scale (chart: Chart) =
        chart.Spec
        |> part [ "layer" ]
        |> items
        |> List.head
        |> part [ "encoding"; "x"; "scale" ]
        |> text "type"

    let chain = ProblemCatalogue.build "quadratic:n=1,d=20,kappa=1000"
    let power = runOf "NAG-C" chain 400 1 1

    let sublinear =
        power.Bounds
        |> List.filter (fun b -> b.Bound[400].[0] > b.Bound[100].[0] / 40.0)
        |> List.map (Charts.run chain Spending.Steps "NAG-C" power)

    Assert.NotEmpty sublinear
    Assert.All(sublinear, (fun chart -> Assert.Equal("log", scale chart)))
    let run = runOf "GD" quadratic 100 1 1
    Assert.Equal("linear", scale (Charts.run quadratic Spending.Steps "GD" run run.Bounds.Head))

[<Fact>]
let ``the stepsize curve has the method's own rates at the theorem's stepsize`` () =
    let small = ProblemCatalogue.build "quadratic:n=3,d=2,kappa=10"

    match StepsizeCurve.compute (method "ProxSkip") small 12, (prepared "ProxSkip" small).Rates() with
    | Ok curve, Ok rates ->
        let own = curve.Points |> List.find (fun p -> p.Stepsize = curve.Theorem)
        Assert.Equal(rates.Asymptotic, own.LongRun)
        Assert.Equal(Some rates.Bounds.Head.Certified, own.Certified)
        Assert.Equal(rates.Bounds.Head.Worst, own.Worst)
        // Beyond 2/L there is no theorem, and steps grow.
        let last = List.last curve.Points
        Assert.Equal(3.0 * curve.Theorem, last.Stepsize, 12)
        Assert.Equal(None, last.Certified)
        Assert.True(last.LongRun > 1.0)
    | Error reason, _
    | _, Error reason -> failwith reason

[<Fact>]
let ``a method without a stepsize or without exact rates has no curve, and the reason is given`` () =
    match StepsizeCurve.compute (method "EF21") quadratic 5 with
    | Ok _ -> failwith "EF21's step is not affine."
    | Error reason -> Assert.NotEmpty reason

[<Fact>]
let ``every bound with a tightness is in one bin, identities and errata in none`` () =
    let results =
        catalogue.Verify(Catalogue.DefaultSettings, catalogue.Select "CE-TAMUNA", ignore)

    let chart = Charts.tightness results

    let expected =
        results
        |> List.filter (fun r -> not r.IsErratum && r.Kind <> ClaimKind.Exact && Double.IsFinite r.TightnessMax)
        |> List.length

    Assert.InRange(expected, 1, results.Length - 1)

    Assert.Equal(float expected, rows chart |> List.sumBy (number "claims"))
    let rungs = Charts.rungs All.papers results |> rows
    Assert.Equal(float results.Length, rungs |> List.sumBy (number "claims"))
    Assert.All(rungs, (fun row -> Assert.StartsWith("Communication", text "family" row)))

[<Fact>]
let ``no compressor lies below the line of the uncertainty principle`` () =
    let points = rows (Charts.plane 20)
    Assert.True(points.Length > 20)

    for point in points do
        Assert.True(number "variance" point * 4.0 ** number "bits" point >= 1.0 - 1e-5, text "compressor" point)

[<Fact>]
let ``a specification inside a page cannot end its element`` () =
    let chart = {
        Title = "</script><b>"
        Description = "a < b"
        Spec =
            JsonObject(
                [
                    Collections.Generic.KeyValuePair("x", JsonValue.Create "</script>" :> JsonNode | null)
                ]
            )
    }

    Assert.DoesNotContain("</script", Page.embedded chart)
