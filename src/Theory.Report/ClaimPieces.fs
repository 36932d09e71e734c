namespace Theory.Report

open Giraffe.ViewEngine
open System
open System.Text.Encodings.Web
open System.Text.Json
open Theory

/// A claim on the page of its paper, and what errata and families show of it.
[<RequireQualifiedAccess>]
module ClaimPieces =

    let private pretty =
        JsonSerializerOptions(Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping)

    /// The instance as JSON with the characters that it was written with.
    let private instanceText (json: string) =
        try
            JsonSerializer.Serialize(JsonDocument.Parse(json).RootElement, pretty)
        with :? JsonException ->
            json

    /// The command that replays a token.
    let replay (what: string) (token: string) : XmlNode =
        Html.copyable $"the command that replays {what}" $"theory replay {token}"

    let private violated (row: Row) =
        if row.Measured > row.Bound then ">"
        elif row.Measured < row.Bound then "<"
        else "≠"

    /// A counterexample: both sides, the instance, the command that replays it.
    let counterexample (claim: string) (found: Counterexample) : XmlNode list = [
        Html.terms [
            "where", Html.value found.Violation.Label
            "both sides",
            [
                strong [] [ Html.text (Words.precise found.Violation.Measured) ]
                Html.text $" measured {violated found.Violation} "
                strong [] [ Html.text (Words.precise found.Violation.Bound) ]
                Html.text " stated"
            ]
            "instance", [ code [] [ Html.text (instanceText found.Instance) ] ]
            "note", Html.value found.Note
            "replay", [ replay $"the counterexample of {claim}" found.Token ]
        ]
    ]

    let private falsifier (claim: string) (f: FalsifierResult) =
        li [] [
            if f.Killed then
                span [ _class "killed" ] [ Html.text "killed: " ]
            else
                span [ _class "pill alive" ] [ Html.text "alive" ]
            Html.text f.Name
            match f.Token with
            | Some token -> div [] [ replay $"the falsifier “{f.Name}” of {claim}" token ]
            | None -> ()
        ]

    /// "3 of 3 falsifiers killed", unfolding to each with its token.
    let private falsifiers (claim: Claim) (result: ClaimResult option) =
        match result with
        | Some r when not r.Falsifiers.IsEmpty ->
            let killed = r.Falsifiers |> List.filter (fun f -> f.Killed) |> List.length

            [
                Html.folded $"{killed} of {r.Falsifiers.Length} killed" [
                    ul [ _class "plain" ] (r.Falsifiers |> List.map (falsifier claim.Id))
                ]
            ]
        | Some _ -> []
        | None -> Html.value (String.concat "; " claim.FalsifierNames)

    /// The tightness in words; nothing where there is none.
    let tightness (result: ClaimResult option) : string =
        match result with
        | Some r when not (Double.IsNaN r.TightnessMax) -> Words.range r.TightnessMin r.TightnessMax
        | _ -> "–"

    let private checkedOn (r: ClaimResult) =
        let where = Words.count r.Instances "instance"
        $"""{where}, {Words.count r.Cases "comparison"}, {r.Seconds.ToString("0.00", Globalization.CultureInfo.InvariantCulture)} s"""

    /// The statement: typeset, then as one line of text.
    let statement (claim: Claim) : XmlNode list = [
        Html.formula claim.Formula claim.Statement
        if claim.Formula <> "" then
            p [ _class "note" ] [ Html.text claim.Statement ]
    ]

    let private evidence (claim: Claim) (result: ClaimResult option) =
        let of' (get: ClaimResult -> string) =
            match result with
            | Some r -> Html.value (get r)
            | None -> []

        Html.terms [
            "assumptions", Html.value claim.Assumptions
            "source", Html.value claim.Source
            "rung", of' (fun r -> r.Rung |> Option.map Words.rung |> Option.defaultValue "nothing was checked")
            "tightness", of' (fun _ -> tightness result)
            "witness",
            of' (fun r ->
                match r.WitnessAttained with
                | Some true -> "the instance on which the bound is attained reaches its ratio"
                | Some false -> "the instance on which the bound should be attained does not reach its ratio"
                | None -> "")
            "checked on", of' checkedOn
            "remark",
            of' (fun r ->
                if r.Counterexample |> Option.exists (fun c -> c.Note = r.Note) then
                    ""
                else
                    r.Note)
            "falsifiers", falsifiers claim result
        ]

    let private erratum (text: string) =
        div [ _class "callout warn" ] [ p [] [ strong [] [ Html.text "As printed this fails. " ]; Html.text text ] ]

    /// A claim with its evidence, as a card under a heading of the third level.
    let card (claim: Claim, result: ClaimResult option) : XmlNode =
        let id = Words.slug claim.Id

        article [ _class "card"; _id id ] [
            div [ _class "card-head" ] [
                h3 [] [ a [ _href $"#{id}" ] [ Html.text claim.Id ] ]
                Html.verdict result
                Html.kind claim.Kind
                Html.rung result
            ]
            yield! statement claim
            match claim.Erratum with
            | Some text -> erratum text
            | None -> ()
            evidence claim result
            match result |> Option.bind (fun r -> r.Counterexample) with
            | Some found ->
                h4 [] [ Html.text "Counterexample" ]
                yield! counterexample claim.Id found
            | None -> ()
        ]
