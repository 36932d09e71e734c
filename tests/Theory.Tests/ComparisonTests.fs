/// The comparisons that the papers claim, run; and what makes one fail.
module Theory.Tests.ComparisonTests

open System
open Xunit
open Theory
open Theory.Algorithms

let private context = Catalogue(All.papers).Context Catalogue.DefaultSettings

let keys: TheoryData<string> =
    TheoryData<string>(Comparisons.all |> List.map (fun c -> c.Key))

let private named key =
    Comparisons.all |> List.find (fun c -> c.Key = key)

[<Theory; MemberData(nameof keys)>]
let ``methods spend in the order that the paper claims`` (key: string) =
    let result = Comparison.run context All.papers (named key)
    Assert.True(result.AsClaimed, $"{key}: {result.Spent |> List.map (fun (c, _, amount) -> c.Method, amount)}")

[<Theory; MemberData(nameof keys)>]
let ``the opposite order is not as claimed`` (key: string) =
    let comparison = named key

    let opposite = {
        comparison with
            Order = List.rev comparison.Order
    }

    Assert.False((Comparison.run context All.papers opposite).AsClaimed)

[<Fact>]
let ``keys are unique and name their family`` () =
    Assert.Distinct(Comparisons.all |> List.map (fun c -> c.Key))

    for c in Comparisons.all do
        Assert.Contains(c.Family, FamilyTable.families |> List.map (fun f -> f.Key))
        Assert.Contains(c.Source, All.papers |> List.map (fun p -> p.Key))

[<Fact>]
let ``a comparison of what does not exist says so`` () =
    let comparison = named "VI-X1"

    let error =
        Assert.Throws<ArgumentException>(fun () ->
            Comparison.run context All.papers {
                comparison with
                    Order = [ Comparison.by "EGG" ]
            }
            |> ignore)

    Assert.Contains("EGG", error.Message)

[<Fact>]
let ``a first method that does not reach the target is not as claimed`` () =
    let comparison = named "VI-X1"
    Assert.False((Comparison.run context All.papers { comparison with Steps = 3 }).AsClaimed)
