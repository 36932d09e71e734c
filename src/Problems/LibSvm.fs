namespace Theory.Problems

open System
open System.Globalization
open System.IO
open Theory.Numerics

/// A LIBSVM file that cannot be used: where it fails, on what, and what would be right.
[<Sealed>]
type LibSvmException(file: string, line: int, token: string, expected: string) =
    inherit
        FormatException(
            (if line > 0 then $"{file}, line {line}: " else $"{file}: ")
            + (if token = "" then "" else $"'{token}': ")
            + expected
        )

    /// Path or name of the source.
    member _.File = file
    /// Line, from 1; 0 when the file as a whole is meant.
    member _.Line = line
    /// The offending token; empty when there is none.
    member _.Token = token
    /// What is wrong and what would be right.
    member _.Expected = expected

/// LIBSVM sparse text: one sample a line, `label index:value …`, indices from 1 and increasing inside a line, separated
/// by blanks or tabs. Blank lines are skipped; a line may have a label only. Values written as 0 are not stored.
[<RequireQualifiedAccess>]
module LibSvm =

    /// Rows while they are read.
    type private Rows() =
        let starts = ResizeArray [ 0 ]
        let columns = ResizeArray<int>()
        let values = ResizeArray<float>()
        let labels = ResizeArray<float>()
        /// Largest index met, zeros included.
        member val Features = 0 with get, set
        member _.Labels = labels

        member rows.Add(index, value) =
            rows.Features <- max rows.Features index

            if value <> 0.0 then
                columns.Add(index - 1)
                values.Add value

        member _.Close label =
            labels.Add label
            starts.Add values.Count

        member _.ToSparse features =
            SparseMatrix(features, starts.ToArray(), columns.ToArray(), values.ToArray())

    /// One line under a cursor; says where it is when something is wrong.
    type private Line(file: string, number: int, text: string) =
        let mutable at = 0
        let isBlank c = c = ' ' || c = '\t'

        /// The next token as (start, length); length 0 at the end.
        member _.Next() =
            while at < text.Length && isBlank text[at] do
                at <- at + 1

            let start = at

            while at < text.Length && not (isBlank text[at]) do
                at <- at + 1

            struct (start, at - start)

        member _.Text = text

        member _.Fail<'T>(start: int, length: int, expected: string) : 'T =
            raise (LibSvmException(file, number, text.Substring(start, length), expected))

        /// The token [start, start + length) from `from` on as a finite number, else a complaint about the token.
        member line.Number(start, length, from, what: string) : float =
            let mutable value = 0.0
            let span = text.AsSpan(from, start + length - from)

            if not (Double.TryParse(span, NumberStyles.Float, CultureInfo.InvariantCulture, &value)) then
                line.Fail(start, length, $"{what} must be a number such as 1, -0.5 or 2e-3.")
            elif not (Double.IsFinite value) then
                line.Fail(start, length, $"{what} must be finite.")
            else
                value

    let private maxFeatures = Int32.MaxValue - 1

    let private readFeature
        (rows: Rows)
        (line: Line)
        (limit: int option)
        (previous: int)
        (start: int)
        (length: int)
        : int =
        let text = line.Text
        let colon = text.IndexOf(':', start, length)
        let mutable index = 0L

        if colon <= start || colon = start + length - 1 then
            line.Fail(start, length, "a feature is written index:value, such as 3:0.5.")
        elif
            not (
                Int64.TryParse(
                    text.AsSpan(start, colon - start),
                    NumberStyles.AllowLeadingSign,
                    CultureInfo.InvariantCulture,
                    &index
                )
            )
        then
            line.Fail(start, length, "the index before ':' must be a whole number from 1.")
        elif index < 1L then
            line.Fail(start, length, "indices start at 1.")
        elif index > int64 maxFeatures then
            line.Fail(start, length, $"an index is at most {maxFeatures}.")
        elif index = int64 previous then
            line.Fail(start, length, $"index {index} occurs twice; an index occurs at most once in a line.")
        elif index < int64 previous then
            line.Fail(start, length, $"index {index} follows {previous}; indices must increase inside a line.")
        elif limit.IsSome && index > int64 limit.Value then
            line.Fail(start, length, $"index {index} exceeds the stated number of features, {limit.Value}.")
        else
            rows.Add(int index, line.Number(start, length, colon + 1, $"the value of feature {index}"))
            int index

    let private readLine (rows: Rows) (classes: ResizeArray<float>) (line: Line) limit =
        let struct (start, length) = line.Next()

        if length > 0 then
            if line.Text.IndexOf(':', start, length) >= 0 then
                line.Fail(start, length, "a line starts with its label, such as +1 or -1.")

            let label = line.Number(start, length, start, "the label")

            if not (classes.Contains label) then
                if classes.Count = 2 then
                    line.Fail(
                        start,
                        length,
                        $"a third label beside {classes[0]} and {classes[1]}; exactly two classes are supported."
                    )

                classes.Add label

            let mutable previous = 0
            let mutable token = line.Next()
            let mutable running = true

            while running do
                let struct (at, size) = token

                if size = 0 then
                    running <- false
                else
                    previous <- readFeature rows line limit previous at size
                    token <- line.Next()

            rows.Close label

    /// Reads labelled rows from a text source called `name` in messages. `features` states the dimension (at least the
    /// largest index); None takes the largest index. Of the two labels the smaller becomes −1, the larger +1.
    let parse (name: string) (features: int option) (source: TextReader) : LabelledData =
        match features with
        | Some count when count < 1 ->
            invalidArg (nameof features) $"The number of features must be at least 1, got {count}."
        | _ -> ()

        let rows = Rows()
        let classes = ResizeArray<float>()

        let rec next number =
            match source.ReadLine() with
            | null -> ()
            | text ->
                readLine rows classes (Line(name, number, text)) features
                next (number + 1)

        next 1

        if rows.Labels.Count = 0 then
            raise (
                LibSvmException(
                    name,
                    0,
                    "",
                    "there are no rows; a file needs at least one line 'label index:value …' of each of two classes."
                )
            )

        if classes.Count = 1 then
            raise (LibSvmException(name, 0, string classes[0], "every row has this label; two classes are needed."))

        let larger = Seq.max classes
        let dimension = features |> Option.defaultValue rows.Features

        if dimension = 0 then
            raise (LibSvmException(name, 0, "", "no row has a feature; at least one 'index:value' is needed."))

        {
            Name = name
            Rows = Design.Sparse(rows.ToSparse dimension)
            Labels =
                rows.Labels.ToArray()
                |> Array.map (fun label -> if label = larger then 1.0 else -1.0)
        }

    /// Reads a file; its name in the data is the file name, in messages the whole path.
    let readWith (features: int option) (path: string) : LabelledData =
        if not (File.Exists path) then
            raise (LibSvmException(path, 0, "", "there is no such file; give the path of a LIBSVM text file."))

        use source =
            try
                new StreamReader(path)
            with
            | :? UnauthorizedAccessException
            | :? IOException as e -> raise (LibSvmException(path, 0, "", $"the file cannot be read: {e.Message}"))

        let data = parse path features source

        match Path.GetFileName path with
        | null -> data
        | name -> { data with Name = name }

    /// Reads a file with as many features as its largest index.
    let read (path: string) : LabelledData = readWith None path

    /// Writes labelled rows; reading them gives the same numbers.
    let write (target: TextWriter) (data: LabelledData) : unit =
        let rows = Design.toSparse data.Rows

        for r in 0 .. rows.Rows - 1 do
            target.Write(if data.Labels[r] > 0.0 then "+1" else "-1")

            for e in rows.Starts[r] .. rows.Starts[r + 1] - 1 do
                let value = rows.Values[e].ToString("R", CultureInfo.InvariantCulture)
                target.Write $" {rows.ColumnIndices[e] + 1}:{value}"

            target.Write '\n'

    /// Every column divided by its largest magnitude (columns of zeros stay): needed where units differ, as in `australian`.
    let scaled (data: LabelledData) : LabelledData =
        let factors =
            Design.columnSizes data.Rows
            |> Array.map (fun size -> if size > 0.0 then 1.0 / size else 1.0)

        {
            data with
                Name = data.Name + ", columns scaled"
                Rows = Design.scaleColumns factors data.Rows
        }
