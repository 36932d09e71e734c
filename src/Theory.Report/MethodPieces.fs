namespace Theory.Report

open Giraffe.ViewEngine
open Theory
open Theory.Algorithms

/// A method on the page of its paper.
[<RequireQualifiedAccess>]
module MethodPieces =

    /// The anchor of a method.
    let anchor (name: string) = "method-" + Words.slug name

    /// What a step is charged: "1 gradients, 1 rounds".
    let cost (row: FamilyTable.MethodRow) : string =
        row.Cost
        |> List.map (fun (counter, amount) -> $"{Words.number amount} {FamilyTable.inWords counter}")
        |> String.concat ", "

    /// Certified factor, worst step and long run of the bound that is shown; "–" for what there is none of.
    let factors (row: FamilyTable.MethodRow) : string * string * string =
        match row.Reference |> Option.map (fun on -> on.Rates) with
        | Some(Ok rates) ->
            let bound = rates.Bounds |> List.tryHead

            (match bound with
             | Some b -> Words.ratio b.Certified
             | None -> "–"),
            (match rates.Bounds |> List.tryPick (fun b -> b.Worst) with
             | Some worst -> Words.ratio worst
             | None -> "–"),
            Words.ratio rates.Asymptotic
        | _ -> "–", "–", "–"

    let private exact (on: FamilyTable.OnReference) =
        match on.Rates with
        | Error reason -> Html.value $"none: {reason}"
        | Ok rates -> [
            ul [ _class "plain" ] [
                for b in rates.Bounds do
                    let worst =
                        match b.Worst with
                        | Some worst -> $", worst step {Words.ratio worst}"
                        | None -> ""

                    li [] [
                        Html.text $"{b.Bound}: the theorem promises {Words.ratio b.Certified}{worst}"
                    ]
                li [] [ Html.text $"in the long run {Words.ratio rates.Asymptotic}" ]
            ]
          ]

    let private onReference (row: FamilyTable.MethodRow) =
        match row.Reference with
        | None -> [ "needs", Html.value row.Entry.Needs ]
        | Some on -> [
            "needs", Html.value row.Entry.Needs
            "shown on", [ code [] [ Html.text on.Instance ] ]
            "parameters",
            [
                for i, (name, value) in List.indexed on.Prepared.Parameters do
                    if i > 0 then
                        Html.text ", "

                    Html.text $"{name} = {value}"
            ]
            "conditions",
            [
                if not on.Prepared.Conditions.IsEmpty then
                    ul [ _class "plain" ] [ for c in on.Prepared.Conditions -> li [] [ Html.text c.Text ] ]
            ]
            "cost of a step", Html.value (cost row)
            "exact factors", exact on
          ]

    let private excerpt (name: string) (e: Excerpt) = [
        p [ _class "file" ] [ Html.text $"src/Algorithms/{e.File.Path}" ]
        Html.source $"{name} in {e.File.Path}" e.Text
    ]

    let private listing (name: string) (listing: Result<Listing, string>) =
        match listing with
        | Error reason -> [ p [ _class "note" ] [ Html.text reason ] ]
        | Ok listing -> listing.Excerpts |> List.collect (excerpt name)

    /// The files in which the methods are written, whole and folded, each once.
    let files (methods: MethodPart list) : XmlNode list =
        methods
        |> List.choose (fun m -> Result.toOption m.Listing)
        |> List.collect (fun l -> l.Excerpts |> List.map (fun e -> e.File))
        |> List.distinctBy (fun f -> f.Path)
        |> List.map (fun file ->
            Html.folded $"src/Algorithms/{file.Path}, {file.Text.TrimEnd('\n').Split('\n').Length} lines" [
                Html.source $"The file {file.Path}" file.Text
            ])

    /// A method with its listing and charts, as a card under a heading of the third level.
    let card (drawn: bool) (part: MethodPart) : XmlNode =
        let entry = part.Row.Entry
        let id = anchor entry.Name

        article [ _class "card"; _id id ] [
            div [ _class "card-head" ] [ h3 [] [ a [ _href $"#{id}" ] [ Html.text entry.Name ] ] ]
            p [ _class "summary" ] [ Html.text entry.Summary ]
            Html.terms (onReference part.Row)
            h4 [] [ Html.text "As its source lists it" ]
            yield! listing entry.Name part.Listing
            if not part.Charts.IsEmpty then
                h4 [] [ Html.text "Measured" ]
            div [ _class "pair" ] (part.Charts |> List.map (Html.chart drawn))
            for note in part.Notes do
                p [ _class "note" ] [ Html.text note ]
        ]
