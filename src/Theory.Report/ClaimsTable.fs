namespace Theory.Report

open Giraffe.ViewEngine
open Theory

/// Every claim of the report in one table, with a search and filters.
[<RequireQualifiedAccess>]
module ClaimsTable =

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

    /// The filters, how many claims they leave, and the table; claims.js makes them work together.
    let section (data: ReportData) : XmlNode list =
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
