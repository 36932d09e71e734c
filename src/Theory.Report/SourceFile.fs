namespace Theory.Report

open System
open System.Text.RegularExpressions

/// A definition at the top level of a source file, with the comments and attributes before it.
type Definition = {
    /// The names that it defines: "step", or the name of a type or of an inner module.
    Names: string list
    /// Place among the definitions of its file.
    Order: int
    Text: string
    /// Whether it is a claim or a part of a paper's registration: not of the method.
    IsClaim: bool
}

/// A source file cut into its top-level definitions.
type SourceFile = {
    /// Path inside the sources: "CommunicationEfficient/DIANA.fs".
    Path: string
    /// Full name of its module: "Theory.Algorithms.CommunicationEfficient.DIANA".
    Module: string
    Text: string
    Definitions: Definition list
} with

    /// The last part of the module's name, as other files write it: "DIANA".
    member f.ShortName = f.Module.Substring(f.Module.LastIndexOf '.' + 1)

[<RequireQualifiedAccess>]
module SourceFile =

    let private header =
        Regex(@"^module\s+(?:rec\s+)?([\w.`]+)\s*$", RegexOptions.Multiline ||| RegexOptions.CultureInvariant)

    let private binding =
        Regex(@"^(?:let|and)\s+(?:(?:inline|private|internal|rec|mutable)\s+)*([^=:]+?)\s*(?:[=:]|$)")

    let private typeName =
        Regex(@"^(?:type|module|exception|and)\s+(?:(?:private|internal|rec)\s+)*([\w']+)")

    let private word = Regex(@"[\p{L}_][\p{L}\p{N}_']*")

    let private startsWith (prefixes: string list) (line: string) =
        prefixes |> List.exists (fun p -> line.StartsWith(p, StringComparison.Ordinal))

    let private isDefinition =
        startsWith [ "let "; "type "; "and "; "exception "; "module " ]

    /// Comments and attributes belong to the definition below them.
    let private isPrelude (line: string) =
        startsWith [ "///"; "//"; "[<" ] line && not (startsWith [ "// ---" ] line)

    let private names (line: string) =
        if startsWith [ "type "; "module "; "exception " ] line then
            [ typeName.Match(line).Groups[1].Value ]
        else
            let left = binding.Match(line).Groups[1].Value
            let words = [ for found in word.Matches left -> found.Value ]

            // "let a, b" defines both; "let f a b" defines f.
            if left.Contains ',' && not (left.Contains '(') then
                words
            else
                words |> List.truncate 1

    let private isClaim (line: string) (text: string) =
        line.StartsWith("let ", StringComparison.Ordinal)
        && (text.Contains "Claim.create"
            || text.Contains "Claim.spec"
            || Regex.IsMatch(line, @":\s*(Claim|Paper)\b|:\s*(Claim)\s+list\b|^let paper\b"))

    /// The index of the line where each definition begins, with its own first line.
    let private starts (lines: string[]) = [
        for i in 0 .. lines.Length - 1 do
            if isDefinition lines[i] && not (header.IsMatch lines[i]) then
                let mutable first = i

                while first > 0 && isPrelude lines[first - 1] do
                    first <- first - 1

                first, i
    ]

    let private definitions (lines: string[]) =
        let starts = starts lines

        let ends =
            (starts |> List.map fst |> List.tail) @ [ lines.Length ]
            |> if starts.IsEmpty then (fun _ -> []) else id

        List.zip starts ends
        |> List.mapi (fun order ((first, own), next) ->
            let text =
                lines[first .. next - 1]
                |> Array.takeWhile (fun line -> not (startsWith [ "// ---"; "open " ] line))
                |> String.concat "\n"

            {
                Names = names lines[own]
                Order = order
                Text = text.Trim '\n'
                IsClaim = isClaim lines[own] text
            })

    /// The file as its parts; None where it names no module.
    let tryParse (path: string) (text: string) : SourceFile option =
        let text = text.Replace("\r\n", "\n")
        let found = header.Match text

        if found.Success then
            Some {
                Path = path
                Module = found.Groups[1].Value
                Text = text
                Definitions = text.Split '\n' |> definitions
            }
        else
            None
