namespace Theory.Report

open Giraffe.ViewEngine
open Theory
open Theory.Views

/// The first page: counts, charts, families, papers, and every claim with search and filters.
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

    /// A filter with those values that occur.
    let private chooser (name: string) (label': string) (values: (string * string) list) =
        div [] [
            label [ _for name ] [ Html.text label' ]
            select [ _id name; _name name ] [
                option [ _value "" ] [ Html.text "all" ]
                for value, shown in List.distinct values do
                    option [ _value value ] [ Html.text shown ]
            ]
        ]

    let private rungOf (result: ClaimResult option) =
        match result |> Option.bind (fun r -> r.Rung) with
        | Some rung -> string rung
        | None -> "none"

    let private verdictOf (result: ClaimResult option) =
        match result with
        | Some r when r.IsErratum && r.Verdict = Verdict.Refuted -> "Refuted (erratum)"
        | Some r -> string r.Verdict
        | None -> "not verified"

    let private all (data: ReportData) = [
        for family in data.Families do
            for part in family.Papers do
                for claim, result in part.Claims -> family.Family, part.Paper, claim, result
    ]

    let private filters (data: ReportData) =
        let claims = all data
        let same text = text, text

        form [
            _class "filters"
            attr "role" "search"
            attr "aria-label" "Claims"
            attr "hidden" ""
        ] [
            div [ _class "search" ] [
                label [ _for "q" ] [ Html.text "Search in claims, papers and methods" ]
                input [
                    _id "q"
                    _name "q"
                    _type "search"
                    attr "autocomplete" "off"
                    attr "spellcheck" "false"
                ]
            ]
            chooser "family" "Family" (data.Families |> List.map (fun f -> f.Family.Key, f.Family.Title))
            chooser "kind" "Kind" (claims |> List.map (fun (_, _, c, _) -> same (string c.Kind)))
            chooser "verdict" "Verdict" (claims |> List.map (fun (_, _, _, r) -> same (verdictOf r)))
            chooser "rung" "Rung" (claims |> List.map (fun (_, _, _, r) -> same (rungOf r)))
            button [ _type "reset" ] [ Html.text "Clear" ]
        ]

    let private row
        (methods: Map<string, string>)
        (family: Theory.Algorithms.FamilyTable.Family, paper: Paper, claim: Claim, result)
        =
        let cell cssClass label content =
            td [ _class cssClass; attr "role" "cell"; _data "label" label ] content

        let falsifiers =
            match result with
            | Some r when not r.Falsifiers.IsEmpty ->
                $"{r.Falsifiers |> List.filter (fun f -> f.Killed) |> List.length}/{r.Falsifiers.Length}"
            | _ -> "–"

        tr [
            attr "role" "row"
            _data "family" family.Key
            _data "kind" (string claim.Kind)
            _data "verdict" (verdictOf result)
            _data "rung" (rungOf result)
            _data "text" $"{claim.Id} {claim.Statement} {paper.Title} {methods[paper.Key]}"
        ] [
            th [ _scope "row"; attr "role" "rowheader"; _class "id" ] [
                Html.link (Layout.claim paper.Key claim.Id) claim.Id
            ]
            td [ _class "statement"; attr "role" "cell" ] [ Html.text claim.Statement ]
            cell "" "kind" [ Html.text (string claim.Kind) ]
            td [ attr "role" "cell" ] [ Html.verdict result ]
            cell "" "rung" [ Html.text (rungOf result) ]
            cell "number" "tightness" [ Html.text (ClaimPieces.tightness result) ]
            cell "number" "falsifiers" [ Html.text falsifiers ]
        ]

    let private claims (data: ReportData) =
        let methods =
            data.Papers
            |> List.map (fun p -> p.Paper.Key, p.Methods |> List.map (fun m -> m.Row.Entry.Name) |> String.concat " ")
            |> Map.ofList

        let column name cssClass =
            th [ _scope "col"; attr "role" "columnheader"; _class cssClass ] [ Html.text name ]

        let rows = all data

        [
            filters data
            p [ _class "count"; attr "role" "status"; attr "aria-live" "polite" ] [
                Html.text (Words.count rows.Length "claim")
            ]
            div [
                _class "scroll claims"
                _tabindex "0"
                attr "role" "region"
                attr "aria-label" "All claims"
            ] [
                table [ attr "role" "table" ] [
                    thead [ attr "role" "rowgroup" ] [
                        tr [ attr "role" "row" ] [
                            column "claim" ""
                            column "statement" ""
                            column "kind" ""
                            column "verdict" ""
                            column "rung" ""
                            column "tightness" "number"
                            column "falsifiers" "number"
                        ]
                    ]
                    tbody [ attr "role" "rowgroup" ] (rows |> List.map (row methods))
                ]
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
                Html.chart drawn (Charts.tightness data.Results)
            ]
            h2 [ _id "families" ] [ Html.text "Families" ]
            families data
            h2 [ _id "claims" ] [ Html.text "Claims" ]
            yield! claims data
            h2 [ _id "papers" ] [ Html.text "Papers" ]
            papers data
        ]
    }
