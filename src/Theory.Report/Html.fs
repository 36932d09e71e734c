namespace Theory.Report

open Giraffe.ViewEngine
open Theory
open Theory.Views

/// The pieces that pages share, over Giraffe.ViewEngine: every text and every attribute is escaped as it is put in.
[<RequireQualifiedAccess>]
module Html =

    /// A text.
    let text (value: string) : XmlNode = encodedText value

    /// A paragraph of plain text.
    let paragraph (value: string) : XmlNode = p [] [ text value ]

    let link (href: string) (label: string) : XmlNode = a [ _href href ] [ text label ]

    /// A column of a table: its header and the style of its cells.
    type Column = { Header: string; Style: string option }

    /// A column of names and single words.
    let words header = { Header = header; Style = None }

    /// A column of sentences and formulas, wide enough that rows stay low.
    let sentences header = { Header = header; Style = Some "wide" }

    /// A column of numbers.
    let numbers header = {
        Header = header
        Style = Some "number"
    }

    /// A table that scrolls by itself where it is wider than the page; the first cell of a row is its header.
    let table (caption: string) (columns: Column list) (rows: XmlNode list list) : XmlNode =
        let cssClass column =
            column.Style |> Option.map _class |> Option.toList

        let row (cells: XmlNode list) =
            List.zip columns cells
            |> List.mapi (fun i (column, cell) ->
                if i = 0 then
                    th (_scope "row" :: cssClass column) [ cell ]
                else
                    td (cssClass column) [ cell ])
            |> tr []

        div [
            _class "scroll"
            _tabindex "0"
            attr "role" "region"
            attr "aria-label" caption
        ] [
            table [] [
                tag "caption" [] [ text caption ]
                thead [] [
                    tr [] [ for c in columns -> th (_scope "col" :: cssClass c) [ text c.Header ] ]
                ]
                tbody [] (rows |> List.map row)
            ]
        ]

    /// Terms with what they are, an empty one left out.
    let terms (entries: (string * XmlNode list) list) : XmlNode =
        dl [ _class "terms" ] [
            for name, value in entries do
                if not value.IsEmpty then
                    dt [] [ text name ]
                    dd [] value
        ]

    /// A plain text as a term's value; nothing for an empty text.
    let value (plain: string) : XmlNode list =
        if plain = "" then [] else [ text plain ]

    /// LaTeX that a browser typesets; the Unicode text stands there until then, and without scripts.
    let formula (latex: string) (unicode: string) : XmlNode =
        if latex = "" then
            div [ _class "formula" ] [ text unicode ]
        else
            div [
                _class "formula"
                _tabindex "0"
                attr "role" "group"
                attr "aria-label" "formula"
            ] [ span [ _class "math"; _data "tex" latex ] [ text unicode ] ]

    /// A text to be copied, with a button that does it.
    let copyable (label: string) (value: string) : XmlNode =
        span [ _class "copy" ] [
            code [] [ text value ]
            button [ _type "button"; _class "copy-button"; attr "aria-label" $"Copy {label}" ] [ text "copy" ]
        ]

    /// Folded content.
    let folded (summary': string) (content: XmlNode list) : XmlNode =
        details [] (summary [] [ text summary' ] :: content)

    let private pill cssClass (label: string) (title: string) =
        span [ _class $"pill {cssClass}"; _title title ] [ text label ]

    let kind (kind: ClaimKind) : XmlNode =
        pill "kind" (string kind) (Words.kind kind)

    /// The verdict of a claim; None where it was not verified.
    let verdict (result: ClaimResult option) : XmlNode =
        match result with
        | None -> pill "verdict-none" "not verified" "not among the claims of this report"
        | Some r when r.IsErratum && r.Verdict = Verdict.Refuted ->
            pill "verdict-erratum" "Refuted (erratum)" "as it must be: the statement fails as printed"
        | Some r ->
            let name = string r.Verdict
            pill $"verdict-{name.ToLowerInvariant()}" name (Words.verdict r.Verdict)

    let rung (result: ClaimResult option) : XmlNode =
        match result |> Option.bind (fun r -> r.Rung) with
        | Some rung -> pill "rung" (string rung) (Words.rung rung)
        | None -> text "–"

    /// Largest number of rows of a chart's data that a page shows as a table.
    let private mostRows = 48

    let private data (chart: Chart) =
        let columns, rows = Chart.table chart
        let every = max 1 ((rows.Length + mostRows - 1) / mostRows)

        let shown =
            rows
            |> List.mapi (fun i row -> i, row)
            |> List.filter (fun (i, _) -> i % every = 0 || i = rows.Length - 1)
            |> List.map snd

        let caption =
            if every = 1 then
                $"Data of “{chart.Title}”"
            else
                $"Data of “{chart.Title}”: {shown.Length} of {rows.Length} rows"

        if columns.IsEmpty then
            []
        else
            [
                shown
                |> List.map (List.map text)
                |> table caption (columns |> List.map (fun c -> words c))
            ]

    /// A chart with its description, its specification for the script that draws it, and its data as a table. Without
    /// the scripts (`drawn` false) the table is all there is.
    let chart (drawn: bool) (chart: Chart) : XmlNode =
        figure [ _class "chart" ] [
            if drawn then
                div [
                    _class "plot"
                    attr "role" "img"
                    attr "aria-label" $"{chart.Title}. {chart.Description}"
                ] []

                script [ _type "application/json"; _class "spec" ] [ rawText (Page.embedded chart) ]
                figcaption [] [ text chart.Description ]
                folded "Data" (data chart)
            else
                figcaption [] [ strong [] [ text chart.Title ]; text $". {chart.Description}" ]
                yield! data chart
        ]

    /// F# with its keywords, comments, texts and numbers marked.
    let source (label: string) (text': string) : XmlNode =
        let token (t: Token) =
            match t.Kind with
            | TokenKind.Keyword -> span [ _class "k" ] [ text t.Text ]
            | TokenKind.Comment -> span [ _class "c" ] [ text t.Text ]
            | TokenKind.Text -> span [ _class "s" ] [ text t.Text ]
            | TokenKind.Number -> span [ _class "n" ] [ text t.Text ]
            | TokenKind.Identifier
            | TokenKind.Other -> text t.Text

        pre [
            _class "source"
            _tabindex "0"
            attr "role" "region"
            attr "aria-label" label
        ] [ code [] (Tokens.coloured text' |> List.map token) ]
