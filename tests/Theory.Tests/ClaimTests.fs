/// Every claim of the catalogue is as claimed, every falsifier dies, every witness is attained, every counterexample replays.
module Theory.Tests.ClaimTests

open System
open Xunit
open Theory
open Theory.Algorithms

let private catalogue = Catalogue All.papers

/// Verified once for all tests: the standard profile, as `theory verify` runs it.
let private results =
    lazy
        (catalogue.Verify(Catalogue.DefaultSettings, catalogue.Claims, ignore)
         |> List.map (fun r -> r.Claim, r)
         |> Map.ofList)

let claims: (obj | null)[] seq =
    catalogue.Claims |> Seq.map (fun (_, c) -> [| box c.Id |])

[<Theory>]
[<MemberData(nameof claims)>]
let ``a claim is as claimed`` (id: string) =
    let r = results.Value[id]

    let alive =
        r.Falsifiers
        |> List.filter (fun f -> not f.Killed)
        |> List.map (fun f -> f.Name)

    Assert.True(alive.IsEmpty, $"{id}: falsifiers alive: " + String.concat "; " alive)
    Assert.True(r.AsClaimed, $"{id}: {r.Verdict} {r.Note} %A{r.Counterexample}")
    Assert.True(r.Verdict <> Verdict.Inconclusive, $"{id}: inconclusive: {r.Note}")
    Assert.True(r.Instances > 0, $"{id}: no instance was checked")
    Assert.True(r.WitnessAttained <> Some false, $"{id}: the tightness witness reaches only {r.TightnessMax}")

[<Fact>]
let ``every claim that is no erratum has a falsifier`` () =
    let bare =
        catalogue.Claims
        |> List.filter (fun (_, c) -> c.Erratum.IsNone && c.FalsifierNames.IsEmpty)
        |> List.map (fun (_, c) -> c.Id)

    Assert.True(bare.IsEmpty, "no falsifier: " + String.concat ", " bare)

[<Fact>]
let ``every killed falsifier and every refutation replays to a violation`` () =
    for KeyValue(id, r) in results.Value do
        let tokens =
            (r.Falsifiers |> List.choose (fun f -> f.Token))
            @ (r.Counterexample |> Option.map (fun c -> c.Token) |> Option.toList)

        for token in tokens do
            let replayed = catalogue.Replay(Catalogue.DefaultSettings, token)
            Assert.Equal(id, replayed.Claim)

            Assert.True(
                (replayed.Verdict = Verdict.Refuted),
                $"{id} {replayed.Falsifier}: replay gives {replayed.Verdict}"
            )

            Assert.NotEmpty replayed.Rows

[<Fact>]
let ``a statistical claim spends its share of the error budget only`` () =
    let context = catalogue.Context Catalogue.DefaultSettings

    Assert.True(
        context.Alpha * float (max 1 catalogue.StatisticalClaims)
        <= Catalogue.DefaultSettings.Alpha * (1.0 + 1e-12)
    )

[<Fact>]
let ``a garbled token is an error that says what a token is`` () =
    let error =
        Assert.Throws<ArgumentException>(fun () -> catalogue.Replay(Catalogue.DefaultSettings, "not a token") |> ignore)

    Assert.Contains("replay token", error.Message)

[<Fact>]
let ``an unknown name is answered with the nearest ones`` () =
    Assert.Contains("CE-DIANA", catalogue.Nearest "CE-DIANX")

[<Fact>]
let ``selectors name claims, papers, families and prefixes`` () =
    Assert.NotEmpty(catalogue.Select "CE-DIANA.1")
    Assert.NotEmpty(catalogue.Select "ce-diana")
    Assert.NotEmpty(catalogue.Select "communication-efficient")
    Assert.NotEmpty(catalogue.Select "CE-*")
    Assert.Empty(catalogue.Select "CE-NOSUCH")
