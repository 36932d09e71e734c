namespace Theory.Report

open Giraffe.ViewEngine
open Theory.Views

/// The page of a paper: citation, problem, methods, claims.
[<RequireQualifiedAccess>]
module PaperPage =

    let private contents (part: PaperPart) =
        nav [ attr "aria-label" "On this page" ] [
            ul [ _class "plain" ] [
                if not part.Methods.IsEmpty then
                    li [] [
                        Html.link "#methods" "Methods"
                        Html.text ": "
                        for i, m in List.indexed part.Methods do
                            if i > 0 then
                                Html.text ", "

                            Html.link $"#{MethodPieces.anchor m.Row.Entry.Name}" m.Row.Entry.Name
                    ]
                li [] [
                    Html.link "#claims" "Claims"
                    Html.text ": "
                    for i, (c, _) in List.indexed part.Claims do
                        if i > 0 then
                            Html.text ", "

                        Html.link $"#{Words.slug c.Id}" c.Id
                ]
            ]
        ]

    let private tightness drawn (part: PaperPart) =
        if not (Charts.bounds part.Results).IsEmpty then
            [ Html.chart drawn (Charts.tightness part.Results) ]
        else
            []

    /// The page of a paper of a family.
    let page (drawn: bool) (family: FamilyPart) (part: PaperPart) : PageContent =
        let paper = part.Paper
        let path = Layout.paper paper.Key

        {
            Path = path
            Title = $"{paper.Key}: {paper.Title}"
            Summary = $"""{paper.Title}: {Words.count part.Claims.Length "claim"} with verdicts and evidence."""
            Scripts = []
            Body = [
                p [ _class "crumbs" ] [
                    Html.link (Layout.relative path (Layout.family family.Family.Key)) family.Family.Title
                ]
                h1 [] [ Html.text paper.Title ]
                p [ _class "citation" ] [ Html.text paper.Citation ]
                Html.terms [
                    "key", [ code [] [ Html.text paper.Key ] ]
                    "problem", Html.value paper.Problem
                ]
                contents part
                if not part.Methods.IsEmpty then
                    h2 [ _id "methods" ] [ Html.text "Methods" ]
                    yield! part.Methods |> List.map (MethodPieces.card drawn)
                h2 [ _id "claims" ] [ Html.text "Claims" ]
                yield! part.Claims |> List.map ClaimPieces.card
                yield! tightness drawn part
                match MethodPieces.files part.Methods with
                | [] -> ()
                | files ->
                    h2 [ _id "sources" ] [ Html.text "Whole files" ]
                    yield! files
            ]
        }
