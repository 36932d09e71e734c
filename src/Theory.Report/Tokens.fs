namespace Theory.Report

open System.Text.RegularExpressions

/// What a piece of F# is, as far as colours need to know.
[<RequireQualifiedAccess>]
type TokenKind =
    | Keyword
    | Comment
    | Text
    | Number
    | Identifier
    /// Operators, brackets and white space.
    | Other

/// A piece of F# as its file writes it.
type Token = { Kind: TokenKind; Text: string }

/// Cuts F# into tokens; their texts joined are the source again.
[<RequireQualifiedAccess>]
module Tokens =

    let private keywords =
        set [
            "abstract"
            "and"
            "as"
            "assert"
            "base"
            "begin"
            "class"
            "default"
            "do"
            "done"
            "downcast"
            "downto"
            "elif"
            "else"
            "end"
            "exception"
            "false"
            "finally"
            "for"
            "fun"
            "function"
            "if"
            "in"
            "inherit"
            "inline"
            "interface"
            "internal"
            "lazy"
            "let"
            "match"
            "member"
            "module"
            "mutable"
            "namespace"
            "new"
            "not"
            "null"
            "of"
            "open"
            "or"
            "override"
            "private"
            "public"
            "rec"
            "return"
            "static"
            "struct"
            "then"
            "to"
            "true"
            "try"
            "type"
            "upcast"
            "use"
            "val"
            "when"
            "while"
            "with"
            "yield"
        ]

    /// The alternatives in the order in which F# reads them: a quote inside a comment opens no string, and so on.
    let private lexer =
        let alternatives = [
            "comment", @"//[^\n]*|\(\*(?!\))[\s\S]*?\*\)"
            "text",
            "[$@]{0,2}\"\"\"[\\s\\S]*?\"\"\""
            + "|(?:@\\$?|\\$@)\"(?:[^\"]|\"\")*\""
            + "|\\$?\"(?:[^\"\\\\]|\\\\[\\s\\S])*\"B?"
            + @"|'(?:[^'\\\r\n]|\\[^\r\n]{1,5})'"
            "number", @"\b\d[\d_]*(?:\.\d[\d_]*)?(?:[eE][+-]?\d+)?[a-zA-Z]{0,2}\b"
            "word", @"``[^`\n]+``|[\p{L}_][\p{L}\p{N}_']*"
            "other", @"'[\p{L}_][\p{L}\p{N}_]*|[\s\S]"
        ]

        alternatives
        |> List.map (fun (name, pattern) -> $"(?<{name}>{pattern})")
        |> String.concat "|"
        |> fun pattern -> Regex(pattern, RegexOptions.Compiled ||| RegexOptions.CultureInvariant)

    let private kind (found: Match) =
        let isA (name: string) = found.Groups[name].Success

        if isA "comment" then TokenKind.Comment
        elif isA "text" then TokenKind.Text
        elif isA "number" then TokenKind.Number
        elif isA "other" then TokenKind.Other
        elif keywords.Contains found.Value then TokenKind.Keyword
        else TokenKind.Identifier

    /// Neighbours of one kind that is shown alike are one token, so that pages stay small.
    let private joined (tokens: Token list) =
        let plain t =
            t.Kind = TokenKind.Other || t.Kind = TokenKind.Identifier

        (tokens, [])
        ||> List.foldBack (fun token rest ->
            match rest with
            | next :: others when plain token && plain next ->
                {
                    Kind = TokenKind.Other
                    Text = token.Text + next.Text
                }
                :: others
            | _ -> token :: rest)

    /// The tokens of a source.
    let ofSource (source: string) : Token list = [
        for found in lexer.Matches source ->
            {
                Kind = kind found
                Text = found.Value
            }
    ]

    /// The same with everything that has no colour joined.
    let coloured (source: string) : Token list = ofSource source |> joined
