namespace Theory.Report

open Giraffe.ViewEngine
open System
open System.Text.RegularExpressions
open Theory

/// The statements that fail as their papers print them, each beside the one that holds.
[<RequireQualifiedAccess>]
module ErrataPage =

    let private printed = "-printed"

    /// The claim that holds instead: the one that the erratum names, else that of the same number without the ending.
    let private corrected (part: PaperPart) (claim: Claim) (text: string) =
        let right =
            part.Claims |> List.filter (fun (c, _) -> c.Id <> claim.Id && c.Erratum.IsNone)

        let named (c: Claim, _) =
            Regex.IsMatch(text, $@"(?<![\w.-]){Regex.Escape c.Id}(?![\w-])")

        let sameNumber (c: Claim, _) =
            claim.Id.EndsWith(printed, StringComparison.Ordinal)
            && (c.Id = claim.Id.Substring(0, claim.Id.Length - printed.Length)
                || c.Id = claim.Id.Substring(0, claim.Id.Length - printed.Length).TrimEnd([| 'a' .. 'z' |]))

        right |> List.tryFind named |> Option.orElse (List.tryFind sameNumber right)

    let private side (title: string) (content: XmlNode list) =
        section [] (h4 [] [ Html.text title ] :: content)

    let private entry (part: PaperPart) (claim: Claim, result: ClaimResult option) (text: string) =
        let id = Words.slug claim.Id

        article [ _class "card"; _id id ] [
            div [ _class "card-head" ] [
                h3 [] [ Html.link (Layout.claim part.Paper.Key claim.Id) claim.Id ]
                Html.verdict result
                Html.kind claim.Kind
                Html.rung result
            ]
            p [ _class "citation" ] [ Html.text $"{part.Paper.Title}. {part.Paper.Citation}" ]
            div [ _class "callout warn" ] [ Html.paragraph text ]
            div [ _class "beside" ] [
                side "As printed" [
                    yield! ClaimPieces.statement claim
                    p [ _class "note" ] [ Html.text claim.Source ]
                ]
                match corrected part claim text with
                | Some(right, found) ->
                    side "What holds" [
                        yield! ClaimPieces.statement right
                        p [] [
                            Html.link (Layout.claim part.Paper.Key right.Id) right.Id
                            Html.text " "
                            Html.verdict found
                            Html.text $" tightness {ClaimPieces.tightness found}"
                        ]
                        p [ _class "note" ] [ Html.text right.Source ]
                    ]
                | None -> ()
            ]
            match result |> Option.bind (fun r -> r.Counterexample) with
            | Some found ->
                h4 [] [ Html.text "Counterexample" ]
                yield! ClaimPieces.counterexample claim.Id found
            | None -> p [ _class "note" ] [ Html.text "No counterexample was found in this verification." ]
        ]

    /// The page of errata.
    let page (data: ReportData) : PageContent =
        let errata = [
            for part in data.Papers do
                for claim, result in part.Claims do
                    match claim.Erratum with
                    | Some text -> entry part (claim, result) text
                    | None -> ()
        ]

        {
            Path = Layout.errata
            Title = "Errata"
            Summary = "Statements that fail as printed, with counterexamples and corrections."
            Scripts = []
            Body = [
                h1 [] [ Html.text "Errata" ]
                p [ _class "lead" ] [
                    Html.text
                        "A statement that fails as its paper prints it is kept as an erratum: its verdict must be Refuted, with a counterexample that anyone can replay."
                ]
                h2 [] [ Html.text $"""{Words.count errata.Length "statement"}""" ]
                yield! errata
            ]
        }
