namespace Theory.Report

open Giraffe.ViewEngine

/// What one page consists of.
[<NoEquality; NoComparison>]
type PageContent = {
    /// Inside the report's folder, with '/': "papers/CE-DIANA.html".
    Path: string
    Title: string
    /// What the page tells, for search engines and previews.
    Summary: string
    Body: XmlNode list
    /// Scripts of its own, from assets/.
    Scripts: string list
}

/// The frame around every page: head, navigation, footer.
[<RequireQualifiedAccess>]
module Layout =

    /// Paths that every page may link to.
    let overview = "index.html"

    let errata = "errata.html"
    let comparisons = "compare.html"

    /// The page of a paper.
    let paper (key: string) = $"papers/{Words.slug key}.html"

    /// The page of a family.
    let family (key: string) = $"families/{Words.slug key}.html"

    /// A claim on its paper's page.
    let claim (paperKey: string) (id: string) = $"{paper paperKey}#{Words.slug id}"

    /// The way from a page to a path of the report.
    let relative (from: string) (target: string) : string =
        if from.Contains '/' then "../" + target else target

    let private navigation (page: PageContent) =
        let item target label =
            let here =
                if target = page.Path then
                    [ attr "aria-current" "page" ]
                else
                    []

            li [] [ a (_href (relative page.Path target) :: here) [ Html.text label ] ]

        nav [ attr "aria-label" "Report" ] [
            ul [] [
                item overview "Overview"
                item errata "Errata"
                item comparisons "Comparisons"
            ]
        ]

    let private styles drawn page =
        let sheet name =
            link [ _rel "stylesheet"; _href (relative page.Path $"assets/{name}") ]

        [
            if drawn then
                sheet "katex.min.css"
            sheet "site.css"
        ]

    let private scripts drawn (page: PageContent) =
        let assets =
            [
                if drawn then
                    yield! Theory.Views.WebAssets.ChartScripts
                    "katex.min.js"
                    "charts-theme.js"
                "page.js"
            ]
            @ page.Scripts

        [
            for name in assets -> script [ _src (relative page.Path $"assets/{name}"); attr "defer" "" ] []
        ]

    /// The page as HTML. `drawn`: the scripts for charts and formulas are among the report's assets.
    let render (drawn: bool) (footerText: string) (page: PageContent) : string =
        let head =
            [
                meta [ _charset "utf-8" ]
                meta [ _name "viewport"; _content "width=device-width, initial-scale=1" ]
                meta [ _name "description"; _content page.Summary ]
                // Without an icon of its own a browser asks for one.
                Giraffe.ViewEngine.HtmlElements.link [ _rel "icon"; _href "data:," ]
                title [] [ Html.text $"{page.Title} · Theory" ]
                script [ _src (relative page.Path "assets/theme.js") ] []
            ]
            @ styles drawn page

        html [ _lang "en" ] [
            Giraffe.ViewEngine.HtmlElements.head [] head
            body [] [
                a [ _class "skip"; _href "#main" ] [ Html.text "Skip to the content" ]
                header [] [
                    div [ _class "bar" ] [
                        a [ _class "brand"; _href (relative page.Path overview) ] [ Html.text "Theory" ]
                        navigation page
                        button [ _type "button"; _class "theme"; attr "hidden" "" ] [ Html.text "Dark" ]
                    ]
                ]
                main [ _id "main"; _tabindex "-1" ] page.Body
                footer [] [ Html.paragraph footerText ]
                yield! scripts drawn page
            ]
        ]
        |> RenderView.AsString.htmlDocument
