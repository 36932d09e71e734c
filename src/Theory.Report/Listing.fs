namespace Theory.Report

open System.Collections.Generic
open System.Text.RegularExpressions

/// The definitions of one file that a method is made of, in the order of the file.
type Excerpt = {
    File: SourceFile
    Definitions: Definition list
} with

    /// The definitions with an empty line between them.
    member e.Text =
        e.Definitions |> List.map (fun d -> d.Text.TrimEnd()) |> String.concat "\n\n"

/// A method as its source lists it: the record that registers it and what its functions call, claims left out.
type Listing = {
    /// The file in which the method is written comes first.
    Excerpts: Excerpt list
}

[<RequireQualifiedAccess>]
module Listing =

    /// A method's definitions may lie in several files; a place is a definition in one of them.
    [<NoComparison; CustomEquality>]
    type private Place = {
        File: SourceFile
        Definition: Definition
    } with

        member p.Key = p.File.Path, p.Definition.Order

        override p.Equals other =
            match other with
            | :? Place as q -> p.Key = q.Key
            | _ -> false

        override p.GetHashCode() = hash p.Key

    let private qualified =
        Regex(@"(?<![\w.])([A-Z]\w*)\.([\p{L}_][\p{L}\p{N}_']*)", RegexOptions.CultureInvariant)

    /// The source without comments and texts: what may refer to something.
    let private code (text: string) =
        Tokens.ofSource text
        |> List.map (fun t ->
            match t.Kind with
            | TokenKind.Comment
            | TokenKind.Text -> " "
            | _ -> t.Text)
        |> String.concat ""

    let private identifiers (code: string) =
        Tokens.ofSource code
        |> List.filter (fun t -> t.Kind = TokenKind.Identifier)
        |> List.map (fun t -> t.Text)
        |> HashSet

    let private defining (names: HashSet<string>) (file: SourceFile) = [
        for d in file.Definitions do
            if not d.IsClaim && d.Names |> List.exists names.Contains then
                { File = file; Definition = d }
    ]

    /// What a piece of code in a file refers to: there, and in the modules that `follows` lets through.
    let private referred (sources: Sources) follows (file: SourceFile) (text: string) =
        let code = code text

        let elsewhere = [
            for found in qualified.Matches code do
                match sources.TryFindShort(file, found.Groups[1].Value) with
                | Some other when other.Path <> file.Path && follows other ->
                    yield! defining (HashSet [ found.Groups[2].Value ]) other
                | _ -> ()
        ]

        // A name behind a dot is a field or another module's.
        let own = Regex.Replace(code, @"(?<=[\w)\]])\.[\p{L}_][\p{L}\p{N}_']*", "")
        defining (identifiers own) file @ elsewhere

    let private closure sources follows (roots: Place list) : Place list =
        let seen = HashSet<Place>()
        let waiting = Queue<Place>(roots)

        while waiting.Count > 0 do
            let place = waiting.Dequeue()

            if seen.Add place then
                referred sources follows place.File place.Definition.Text
                |> List.iter waiting.Enqueue

        List.ofSeq seen

    /// The value of a record's field: its line and the deeper ones below it.
    let private field (name: string) (text: string) =
        let found =
            Regex.Match(text, $@"^([ {{]*){name} =(.*(?:\n(?:\1 +.*)?)*)", RegexOptions.Multiline)

        if found.Success then Some found.Groups[2].Value else None

    let private records (files: SourceFile list) = [
        for file in files do
            for d in file.Definitions do
                if not d.IsClaim && (field "Step" d.Text).IsSome then
                    { File = file; Definition = d }
    ]

    /// Where the method's name is written as a text, else where a method's record is.
    let private root (files: SourceFile list) (name: string) =
        let among pick =
            files
            |> List.tryPick (fun file ->
                file.Definitions
                |> List.tryFind (fun d -> not d.IsClaim && pick d)
                |> Option.map (fun d -> { File = file; Definition = d }))

        among (fun d -> d.Text.Contains $"\"{name}\"")
        |> Option.orElse (List.tryHead (records files))

    /// The listing of a method from the modules in which its functions are written (that of the step first) and its name.
    /// Error says what is missing.
    let ofMethod (sources: Sources) (modules: string list) (name: string) : Result<Listing, string> =
        let files = modules |> List.choose sources.TryFind

        match root files name with
        | None ->
            let named = String.concat ", " modules
            Error $"{name} is written in {named}, whose source this build does not carry."
        | Some root ->
            let own =
                let within =
                    closure sources (fun other -> files |> List.exists (fun f -> f.Path = other.Path))

                let found = within [ root ]

                // A variant that a builder fills in does not refer to it: the builder's record stands for all of them.
                if found |> List.exists (fun p -> (field "Step" p.Definition.Text).IsSome) then
                    found
                else
                    within (root :: records files)

            // The step is followed wherever it is written, the rest only through the method's own files.
            let steps =
                own
                |> List.collect (fun place ->
                    match field "Step" place.Definition.Text with
                    | Some step -> referred sources (fun _ -> true) place.File step
                    | None -> [])
                |> closure sources (fun _ -> true)

            let excerpts =
                own @ steps
                |> List.distinct
                |> List.groupBy (fun p -> p.File.Path)
                |> List.map (fun (_, places) -> {
                    File = places.Head.File
                    Definitions = places |> List.map (fun p -> p.Definition) |> List.sortBy (fun d -> d.Order)
                })

            let first, others =
                excerpts |> List.partition (fun e -> e.File.Path = root.File.Path)

            Ok { Excerpts = first @ others }
