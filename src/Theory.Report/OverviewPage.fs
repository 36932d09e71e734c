namespace Theory.Report

open Giraffe.ViewEngine
open Theory
open Theory.Views

/// The first page: counts, charts, families, every claim, papers.
[<RequireQualifiedAccess>]
module OverviewPage =

    let private tile (number: int) (label: string) =
        li [] [ strong [] [ Html.text (string number) ]; span [] [ Html.text label ] ]

    let private tiles (data: ReportData) =
        let results = data.Results

        let killed =
            results
            |> List.sumBy (fun r -> r.Falsifiers |> List.filter (fun f -> f.Killed) |> List.length)

        let methods = data.Papers |> List.sumBy (fun p -> p.Methods.Length)

        ul [ _class "tiles" ] [
            tile results.Length "claims verified"
            tile data.Papers.Length "papers"
            tile methods "methods"
            tile killed "falsifiers killed"
            tile (results |> List.filter (fun r -> r.IsErratum) |> List.length) "errata"
        ]

    let private verdict (data: ReportData) =
        match data.Results |> List.filter (fun r -> not r.AsClaimed) with
        | [] -> div [ _class "callout" ] [ Html.paragraph "Everything is as claimed." ]
        | wrong ->
            div [ _class "callout bad" ] [
                p [] [
                    strong [] [ Html.text $"""{Words.count wrong.Length "claim"} not as claimed: """ ]
                    for i, r in List.indexed wrong do
                        if i > 0 then
                            Html.text ", "

                        Html.link (Layout.claim r.Paper r.Claim) r.Claim
                ]
            ]

    let private meanings =
        let entry pill meaning = [ pill; Html.text meaning ]

        Html.folded "What verdicts and rungs say" [
            Html.table "Verdicts" [ Html.words "verdict"; Html.words "meaning" ] [
                for v in
                    [
                        Verdict.Proved
                        Verdict.Exhausted
                        Verdict.Held
                        Verdict.Consistent
                        Verdict.Refuted
                        Verdict.Inconclusive
                    ] -> entry (Html.text (string v)) (Words.verdict v)
            ]
            Html.table "Rungs of evidence, strongest first" [ Html.words "rung"; Html.words "meaning" ] [
                for r in
                    [
                        Rung.Spectral
                        Rung.Moments
                        Rung.Enumerated
                        Rung.Trajectories
                        Rung.Replicates
                    ] -> entry (Html.text (string r)) (Words.rung r)
            ]
        ]

    let private families (data: ReportData) =
        ul [ _class "cards" ] [
            for f in data.Families do
                let methods = f.Papers |> List.sumBy (fun p -> p.Methods.Length)
                let claims = f.Papers |> List.sumBy (fun p -> p.Claims.Length)

                li [] [
                    Html.link (Layout.family f.Family.Key) f.Family.Title
                    span [] [
                        Html.text
                            $"""{Words.count f.Papers.Length "paper"}, {Words.count methods "method"}, {Words.count claims "claim"}"""
                    ]
                ]
        ]

    let private papers (data: ReportData) =
        Html.table "All papers" [
            Html.words "paper"
            Html.words "title"
            Html.words "methods"
            Html.numbers "claims"
        ] [
            for part in data.Papers ->
                [
                    Html.link (Layout.paper part.Paper.Key) part.Paper.Key
                    Html.text part.Paper.Title
                    Html.text (part.Methods |> List.map (fun m -> m.Row.Entry.Name) |> String.concat ", ")
                    Html.text (string part.Claims.Length)
                ]
        ]

    /// The overview of the report.
    let page (drawn: bool) (data: ReportData) : PageContent = {
        Path = Layout.overview
        Title = "Optimization theory, checked by running it"
        Summary = $"{data.Results.Length} claims of {data.Papers.Length} papers with verdicts and evidence."
        Scripts = [ "claims.js" ]
        Body = [
            h1 [] [ Html.text "Optimization theory, checked by running it" ]
            p [ _class "lead" ] [
                Html.text
                    "A paper says: on problems with these constants, this method with this stepsize satisfies this bound. Here each such sentence is a claim with a check that can refute it, a verdict that says what it stands on, and the smallest changes that must break it."
            ]
            tiles data
            verdict data
            meanings
            div [ _class "pair" ] [
                Html.chart drawn (Charts.rungs (data.Papers |> List.map (fun p -> p.Paper)) data.Results)
                if not (Charts.bounds data.Results).IsEmpty then
                    Html.chart drawn (Charts.tightness data.Results)
            ]
            h2 [ _id "families" ] [ Html.text "Families" ]
            families data
            h2 [ _id "claims" ] [ Html.text "Claims" ]
            yield! ClaimsTable.section data
            h2 [ _id "papers" ] [ Html.text "Papers" ]
            papers data
        ]
    }
