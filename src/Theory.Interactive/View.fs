namespace Theory.Interactive

open System
open System.Globalization

/// Whether a reader should be content.
[<RequireQualifiedAccess>]
type internal Tone =
    | Good
    | Bad
    | Open

/// Rows under a header; the first column names its row.
type internal Table = {
    Header: string list
    Rows: string list list
} with

    /// Whether a column is of numbers, which stand to the right.
    member t.IsNumeric column =
        column > 0
        && t.Rows
           |> List.forall (fun row ->
               let text: string = row[column]
               text = "" || Char.IsDigit text[0] || "–−-<∞".Contains text[0])

/// A piece of what is shown of a value.
[<RequireQualifiedAccess>]
type internal Part =
    | Title of string
    | Verdict of Tone * string
    | Line of string
    /// LaTeX without delimiters.
    | Formula of string
    /// To be copied: a token, an instance.
    | Code of name: string * text: string
    | Table of Table

/// What is shown of a value, in order: one description for every format.
type internal View = Part list

/// Numbers as tables print them.
[<RequireQualifiedAccess>]
module internal Number =

    /// Six significant digits; a dash for what is not known.
    let text (value: float) =
        if Double.IsNaN value then
            "–"
        elif Double.IsPositiveInfinity value then
            "∞"
        elif Double.IsNegativeInfinity value then
            "−∞"
        elif value = Math.Floor value && abs value < 1e15 then
            value.ToString("N0", CultureInfo.InvariantCulture)
        else
            value.ToString("G6", CultureInfo.InvariantCulture)

    /// A whole number.
    let count (value: int) =
        value.ToString("N0", CultureInfo.InvariantCulture)

    /// So many of a thing, whose plural ends in s.
    let many (value: int) (thing: string) =
        if value = 1 then
            $"one {thing}"
        else
            $"{count value} {thing}s"

    /// Measured over bound: 1.0000 where the bound is attained.
    let ratio (value: float) =
        if value = 0.0 || not (Double.IsFinite value) || abs value >= 1e6 then
            text value
        elif abs value < 1e-4 then
            "<0.0001"
        else
            value.ToString("F4", CultureInfo.InvariantCulture)

    /// A range of ratios, once where both ends agree.
    let ratios (low: float) (high: float) =
        let low, high = ratio low, ratio high
        if low = high then low else $"{low} … {high}"

/// A view as an HTML fragment. Colours are legible on light and on dark pages, and never say anything alone.
[<RequireQualifiedAccess>]
module internal Html =

    let private escape (text: string) =
        text.Replace("&", "&amp;").Replace("<", "&lt;").Replace(">", "&gt;").Replace("\"", "&quot;")

    let private colour tone =
        match tone with
        | Tone.Good -> "#2c8a4b"
        | Tone.Bad -> "#c8402f"
        | Tone.Open -> "#9a7412"

    let private mark tone =
        match tone with
        | Tone.Good -> "✓"
        | Tone.Bad -> "✗"
        | Tone.Open -> "?"

    let private cell tag scope align (text: string) =
        $"<{tag}{scope} style=\"text-align:{align}\">{escape text}</{tag}>"

    let private table (t: Table) =
        let align column =
            if t.IsNumeric column then "right" else "left"

        let header =
            t.Header
            |> List.mapi (fun i h -> cell "th" " scope=\"col\"" (align i) h)
            |> String.concat ""

        let row cells =
            cells
            |> List.mapi (fun i c ->
                if i = 0 then
                    cell "th" " scope=\"row\"" "left" c
                else
                    cell "td" "" (align i) c)
            |> String.concat ""

        let rows = t.Rows |> List.map (fun r -> $"<tr>{row r}</tr>") |> String.concat "\n"
        $"<table>\n<thead><tr>{header}</tr></thead>\n<tbody>\n{rows}\n</tbody>\n</table>"

    let private part p =
        match p with
        | Part.Title text -> $"<div><strong>{escape text}</strong></div>"
        | Part.Verdict(tone, text) ->
            $"<div style=\"color:{colour tone}\"><strong>{mark tone} {escape text}</strong></div>"
        | Part.Line text -> $"<div>{escape text}</div>"
        | Part.Formula latex -> $"<div>$${escape latex}$$</div>"
        | Part.Code(name, text) ->
            $"<div>{escape name}: <code style=\"overflow-wrap:anywhere\">{escape text}</code></div>"
        | Part.Table t -> table t

    /// The fragment.
    let ofView (view: View) =
        view |> List.map part |> String.concat "\n"

/// A view as plain text, tables aligned.
[<RequireQualifiedAccess>]
module internal Text =

    let private width (text: string) = StringInfo(text).LengthInTextElements

    let private table (t: Table) =
        let rows = t.Header :: t.Rows

        let widths =
            t.Header
            |> List.mapi (fun i _ -> rows |> List.map (fun r -> width r[i]) |> List.max)

        let line row =
            row
            |> List.mapi (fun i text ->
                let fill = String(' ', widths[i] - width text)
                if t.IsNumeric i then fill + text else text + fill)
            |> String.concat "  "

        rows |> List.map (fun r -> (line r).TrimEnd()) |> String.concat "\n"

    let private part p =
        match p with
        | Part.Title text
        | Part.Verdict(_, text)
        | Part.Line text
        | Part.Formula text -> text
        | Part.Code(name, text) -> $"{name}: {text}"
        | Part.Table t -> table t

    /// The text.
    let ofView (view: View) =
        view |> List.map part |> String.concat "\n"
