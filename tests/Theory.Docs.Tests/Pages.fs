namespace Theory.Docs.Tests

open System
open System.IO
open System.Text
open Markdig
open Markdig.Syntax
open Markdig.Syntax.Inlines

/// A fenced block of a page.
type Fence = {
    /// The page, relative to the root.
    Page: string
    /// The line of the opening fence, from 1.
    Line: int
    /// The word after the fence: fsharp, csharp, console, bash, text; empty when there is none.
    Language: string
    /// The lines inside.
    Lines: string list
    /// The source file when the paragraph above starts with "From `FILE`".
    From: string option
    /// The block directly above is code, so that a text block is what that code prints.
    FollowsCode: bool
}

/// A link of a page.
type Link = {
    Page: string
    Line: int
    Target: string
}

/// Reads Markdown pages.
[<RequireQualifiedAccess>]
module Pages =

    let private pipeline =
        MarkdownPipelineBuilder().UsePipeTables().UseYamlFrontMatter().Build()

    /// The text of a page.
    let text (page: string) =
        File.ReadAllText(Repository.file page).Replace("\r\n", "\n")

    let private parse (source: string) = Markdown.Parse(source, pipeline)

    /// "From `src/X.fs`; …" names the source file of the block below.
    let private sourceOf (block: Block) =
        match block with
        | :? ParagraphBlock as paragraph ->
            match paragraph.Inline with
            | null -> None
            | inlines ->
                match List.ofSeq inlines with
                | (:? LiteralInline as first) :: (:? CodeInline as code) :: _ when first.Content.ToString() = "From " ->
                    Some code.Content
                | _ -> None
        | _ -> None

    let private isCode (block: Block) =
        match block with
        | :? FencedCodeBlock as fence -> fence.Info = "fsharp" || fence.Info = "csharp"
        | _ -> false

    /// The fenced blocks of a Markdown text, in order.
    let fencesOf page (source: string) : Fence list =
        let blocks = List.ofSeq (parse source)

        Seq.zip (None :: List.map Some blocks) blocks
        |> Seq.choose (fun (above, block) ->
            match block with
            | :? FencedCodeBlock as fence ->
                Some {
                    Page = page
                    Line = fence.Line + 1
                    Language = (fence.Info |> Option.ofObj |> Option.defaultValue "").ToLowerInvariant()
                    Lines = [
                        for i in 0 .. fence.Lines.Count - 1 -> fence.Lines.Lines[i].Slice.ToString().TrimEnd()
                    ]
                    From = Option.bind sourceOf above
                    FollowsCode = above |> Option.exists isCode
                }
            | _ -> None)
        |> List.ofSeq

    /// The fenced blocks of a page, in order.
    let fences page = fencesOf page (text page)

    /// Links and pictures of a Markdown text.
    let linksOf page (source: string) : Link list =
        (parse source).Descendants<LinkInline>()
        |> Seq.map (fun link -> {
            Page = page
            Line = link.Line + 1
            Target = link.Url |> Option.ofObj |> Option.defaultValue ""
        })
        |> List.ofSeq

    let private plain (heading: HeadingBlock) =
        match heading.Inline with
        | null -> ""
        | inlines ->
            let text = StringBuilder()

            for inl in inlines.Descendants<Inline>() do
                match inl with
                | :? LiteralInline as literal -> text.Append(literal.Content.ToString()) |> ignore
                | :? CodeInline as code -> text.Append code.Content |> ignore
                | _ -> ()

            text.ToString()

    /// The headings of a Markdown text with their levels.
    let headingsOf (source: string) =
        (parse source).Descendants<HeadingBlock>()
        |> Seq.map (fun heading -> heading.Level, plain heading)
        |> List.ofSeq

    /// The anchors of a page; a heading that comes again gets -1, -2, ….
    let anchors page =
        let seen = Collections.Generic.Dictionary<string, int>()

        headingsOf (text page)
        |> List.map (fun (_, heading) ->
            let name = Anchors.slug heading
            let count = if seen.ContainsKey name then seen[name] else 0
            seen[name] <- count + 1
            if count = 0 then name else $"{name}-{count}")

    /// Replaces what stands below a line of a block, up to the block's end or the next command.
    let rewrite page line (inner: string list) =
        let lines = (text page).Split('\n') |> List.ofArray
        let before, rest = List.splitAt line lines

        let after =
            rest |> List.skipWhile (fun l -> not (l.StartsWith "```" || l.StartsWith "$ "))

        File.WriteAllText(Repository.file page, String.Join("\n", before @ inner @ after))
