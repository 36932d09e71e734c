namespace Theory.Report

open Giraffe.ViewEngine
open Theory

/// The page that compares methods by a chosen counter.
[<RequireQualifiedAccess>]
module ComparePage =

    let private chooser (counters: Spending list) =
        let choice value label' isFirst =
            label [] [
                input [
                    _type "radio"
                    _name "by"
                    _value value
                    if isFirst then
                        attr "checked" ""
                ]
                Html.text label'
            ]

        fieldset [ _class "chooser"; attr "hidden" "" ] [
            legend [] [ Html.text "Count by" ]
            choice "declared" "as each paper counts" true
            for by in counters do
                choice (string by) (Words.spending by) false
        ]

    let private table (part: ComparisonPart) =
        let counted =
            ComparisonCharts.counters
            |> List.filter (fun by ->
                part.Spent
                |> List.exists (fun (_, amounts) -> amounts |> List.exists (fun (b, v) -> b = by && v.IsSome)))

        let reached = part.Compared.Spent |> List.map (fun (_, spent, _) -> spent.Reached)

        Html.table
            $"{part.Compared.Comparison.Key}: what each method spends until the target"
            (Html.words "method" :: (counted |> List.map (Words.spending >> Html.numbers)))
            [
                for (name, amounts), reached in List.zip part.Spent reached ->
                    [
                        Html.text name
                        for by in counted do
                            match amounts |> List.tryFind (fun (b, _) -> b = by) with
                            | Some(_, Some amount) -> Html.text (Words.number amount)
                            | _ -> Html.text (if reached then "–" else "not reached")
                    ]
            ]

    let private section' drawn (part: ComparisonPart) =
        let c = part.Compared.Comparison

        article [
            _class "card"
            _id (Words.slug c.Key)
            attr "data-comparison" c.Key
            attr "data-declared" (string c.By)
        ] [
            div [ _class "card-head" ] [
                h3 [] [ Html.text c.Key ]
                if part.Compared.AsClaimed then
                    span [ _class "pill verdict-held" ] [ Html.text "as claimed" ]
                else
                    span [ _class "pill verdict-refuted" ] [ Html.text "not as claimed" ]
                span [ _class "pill" ] [ Html.text $"claimed by {Words.spending c.By}" ]
            ]
            p [ _class "summary" ] [ Html.text c.Claim ]
            Html.terms [
                "paper", [ Html.link (Layout.paper c.Source) c.Source ]
                "problem", [ code [] [ Html.text c.Problem ] ]
                "target", Html.value $"‖x − x*‖² at most {Words.number c.Target} of the start's"
            ]
            table part
            for by, charts in part.Charts do
                div
                    [
                        _class "pair"
                        attr "data-counter" (string by)
                        if drawn && by <> c.By then
                            attr "hidden" ""
                    ]
                    (charts |> List.map (Html.chart drawn))
            p [ _class "note none"; attr "hidden" "" ] [ Html.text "Not all of these methods count that." ]
        ]

    /// The comparisons by family.
    let page (drawn: bool) (data: ReportData) : PageContent =
        let counters =
            ComparisonCharts.counters
            |> List.filter (fun by ->
                data.Comparisons
                |> List.exists (fun p -> p.Charts |> List.exists (fun (b, _) -> b = by)))

        {
            Path = Layout.comparisons
            Title = "Comparisons"
            Summary = "Methods on common problems, by rounds, gradients, floats, bits and more."
            Scripts = [ "compare.js" ]
            Body = [
                h1 [] [ Html.text "Comparisons" ]
                p [ _class "lead" ] [
                    Html.text
                        "Where a paper says that its method spends less than others, the methods run on a common problem until they reach a target. Choose what to count."
                ]
                if data.Comparisons.IsEmpty then
                    Html.paragraph "The papers of this report declare no comparison."
                else
                    chooser counters
                for family in data.Families do
                    match
                        data.Comparisons
                        |> List.filter (fun p -> p.Compared.Comparison.Family = family.Family.Key)
                    with
                    | [] -> ()
                    | parts ->
                        h2 [] [ Html.text family.Family.Title ]
                        yield! parts |> List.map (section' drawn)
            ]
        }
