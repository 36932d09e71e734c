namespace Theory.Tests

open System
open System.IO
open FsCheck.FSharp
open Theory.Numerics
open Theory.Problems
open Xunit
open Xunit.Abstractions

type LibSvmTests(output: ITestOutputHelper) =

    let parse (text: string) =
        LibSvm.parse "sample" None (new StringReader(text))

    let rejected (text: string) line token (part: string) =
        let e = Assert.Throws<LibSvmException>(fun () -> parse text |> ignore)
        Assert.Equal("sample", e.File)
        Assert.Equal(line, e.Line)
        Assert.Equal(token, e.Token)
        Assert.Contains(part, e.Expected)
        Assert.Contains("sample", e.Message)

        if line > 0 then
            Assert.Contains($"line {line}", e.Message)

        if token <> "" then
            Assert.Contains($"'{token}'", e.Message)

    let dense (data: LabelledData) = (Design.toDense data.Rows).ToArray()

    [<Fact>]
    member _.``a small file is read``() =
        let data = parse "+1 1:0.5 3:-2e-1\n-1 2:4\n"
        Assert.Equal<float[]>([| 1.0; -1.0 |], data.Labels)
        Assert.Equal<float[,]>(array2D [ [ 0.5; 0.0; -0.2 ]; [ 0.0; 4.0; 0.0 ] ], dense data)

    [<Theory>]
    [<InlineData("-1 1:1\n+1 1:1\n")>]
    [<InlineData("0 1:1\n1 1:1\n")>]
    [<InlineData("1 1:1\n2 1:1\n")>]
    [<InlineData("-1.0 1:1\n1e0 1:1\n")>]
    member _.``the smaller label becomes -1, the larger +1``(text: string) =
        Assert.Equal<float[]>([| -1.0; 1.0 |], (parse text).Labels)

    [<Fact>]
    member _.``the larger label may come first``() =
        Assert.Equal<float[]>([| 1.0; -1.0; 1.0 |], (parse "2 1:1\n1 1:1\n2\n").Labels)

    [<Fact>]
    member _.``rows without features, trailing blanks, tabs, blank lines and CRLF are fine``() =
        let data = parse "+1\n\n-1 1:1  2:2 \t\r\n+1 \n  \n-1\t2:3"
        Assert.Equal<float[]>([| 1.0; -1.0; 1.0; -1.0 |], data.Labels)
        Assert.Equal<float[,]>(array2D [ [ 0.0; 0.0 ]; [ 1.0; 2.0 ]; [ 0.0; 0.0 ]; [ 0.0; 3.0 ] ], dense data)

    [<Fact>]
    member _.``written zeros count for the dimension and are not stored``() =
        let data = parse "+1 1:0 4:0\n-1 2:1\n"
        Assert.Equal(4, data.Rows.Columns)
        Assert.Equal(1, (Design.toSparse data.Rows).NonZeros)

    [<Fact>]
    member _.``the number of features can be stated``() =
        let data = LibSvm.parse "sample" (Some 5) (new StringReader("+1 1:1\n-1 2:1\n"))
        Assert.Equal(5, data.Rows.Columns)

    [<Fact>]
    member _.``an index beyond the stated number of features is rejected``() =
        let e =
            Assert.Throws<LibSvmException>(fun () ->
                LibSvm.parse "sample" (Some 2) (new StringReader("+1 1:1\n-1 3:1\n")) |> ignore)

        Assert.Equal(2, e.Line)
        Assert.Equal("3:1", e.Token)
        Assert.Contains("exceeds the stated number of features, 2", e.Expected)

    [<Theory>]
    [<InlineData("3")>]
    [<InlineData(":3")>]
    [<InlineData("3:")>]
    [<InlineData("x")>]
    member _.``a token that is not index:value is rejected``(token: string) =
        rejected $"+1 1:1\n-1 {token}\n" 2 token "index:value"

    [<Theory>]
    [<InlineData("x:1")>]
    [<InlineData("1.5:1")>]
    [<InlineData("99999999999999999999:1")>]
    member _.``an index that is not a whole number is rejected``(token: string) =
        rejected $"+1 {token}\n" 1 token "whole number"

    [<Theory>]
    [<InlineData("0:1")>]
    [<InlineData("-3:1")>]
    member _.``an index below 1 is rejected``(token: string) =
        rejected $"+1 1:1\n\n-1 {token}\n" 3 token "start at 1"

    [<Fact>]
    member _.``an index beyond the integers is rejected``() =
        rejected "+1 3000000000:1\n" 1 "3000000000:1" "at most"

    [<Fact>]
    member _.``indices out of order are rejected``() =
        rejected "+1 5:1 4:1\n" 1 "4:1" "4 follows 5"

    [<Fact>]
    member _.``an index that occurs twice is rejected``() =
        rejected "+1 4:1 4:2\n" 1 "4:2" "occurs twice"

    [<Theory>]
    [<InlineData("2:NaN")>]
    [<InlineData("2:Infinity")>]
    [<InlineData("2:-Infinity")>]
    [<InlineData("2:1e999")>]
    member _.``a value that is not finite is rejected``(token: string) =
        rejected $"+1 {token}\n" 1 token "must be finite"

    [<Theory>]
    [<InlineData("2:abc")>]
    [<InlineData("2:1:2")>]
    [<InlineData("2:1,5")>]
    member _.``a value that is not a number is rejected``(token: string) =
        rejected $"+1 {token}\n" 1 token "must be a number"

    [<Fact>]
    member _.``a label that is not a number is rejected``() =
        rejected "+1 1:1\nspam 1:1\n" 2 "spam" "label must be a number"

    [<Fact>]
    member _.``a label that is not finite is rejected``() =
        rejected "NaN 1:1\n" 1 "NaN" "label must be finite"

    [<Fact>]
    member _.``a line without a label is rejected``() =
        rejected "1:1 2:1\n" 1 "1:1" "starts with its label"

    [<Fact>]
    member _.``a third class is rejected at its line``() =
        rejected "1 1:1\n2 1:1\n3 1:1\n" 3 "3" "third label beside 1 and 2"

    [<Fact>]
    member _.``one class only is rejected``() =
        rejected "1 1:1\n1 2:1\n" 0 "1" "two classes"

    [<Theory>]
    [<InlineData("")>]
    [<InlineData("\n \n")>]
    member _.``a file without rows is rejected``(text: string) = rejected text 0 "" "no rows"

    [<Fact>]
    member _.``a file without features is rejected``() =
        rejected "1\n2\n" 0 "" "no row has a feature"

    [<Fact>]
    member _.``a missing file is named``() =
        let path = Path.Combine(Path.GetTempPath(), "no-such-folder", "nothing")
        let e = Assert.Throws<LibSvmException>(fun () -> LibSvm.read path |> ignore)
        Assert.Equal(path, e.File)
        Assert.Contains("no such file", e.Message)

    [<Fact>]
    member _.``errors are format exceptions``() =
        Assert.IsAssignableFrom<FormatException>(LibSvmException("f", 1, "t", "e"))
        |> ignore

    [<Fact>]
    member _.``what is written is read back``() =
        let sizes =
            gen {
                let! rows = Gen.choose (2, 20)
                let! columns = Gen.choose (1, 10)
                let! seed = Gen.choose (0, 100000)
                return rows, columns, seed
            }

        for rows, columns, seed in Gen.sample 60 sizes do
            let g = Linear.gaussians seed 0 (rows * columns)
            // Half of the entries vanish; the last column is kept so that the dimension is.
            let entry r c =
                let v = g[r * columns + c]
                if c = columns - 1 || v > 0.0 then v * 1e-3 else 0.0

            let data = {
                Name = "generated"
                Rows = Design.Dense(Matrix.Create(rows, columns, entry))
                Labels = Array.init rows (fun r -> if r % 2 = 0 then 1.0 else -1.0)
            }

            use text = new StringWriter()
            LibSvm.write text data
            let again = parse (text.ToString())
            Assert.Equal<float[]>(data.Labels, again.Labels)
            Assert.Equal<float[,]>(dense data, dense again)

    [<Theory>]
    [<InlineData("mushrooms", 8124, 112, 170604, 4208)>]
    [<InlineData("phishing", 11055, 68, 331650, 6157)>]
    [<InlineData("a9a", 32561, 123, 451592, 7841)>]
    [<InlineData("a1a", 1605, 119, 22249, 395)>]
    [<InlineData("w7a", 24692, 300, 288148, 740)>]
    [<InlineData("splice", 1000, 60, 60000, 517)>]
    member _.``a known file has the known size``(name: string, rows: int, columns: int, entries: int, positive: int) =
        DataFiles.withFile output name (fun path ->
            let data = LibSvm.read path
            Assert.Equal(name, data.Name)
            Assert.Equal(rows, data.Rows.Rows)
            Assert.Equal(columns, data.Rows.Columns)
            Assert.Equal(entries, (Design.toSparse data.Rows).NonZeros)
            Assert.Equal(positive, data.Labels |> Array.filter ((=) 1.0) |> Array.length))

    [<Fact>]
    member _.``the largest squared row norms of known files are the known ones``() =
        for name, expected in
            [
                "mushrooms", 21.0
                "phishing", 0.999954147
                "w7a", 114.0
                "australian", 10000403361.25
                "splice", 645.0
            ] do
            DataFiles.withFile output name (fun path ->
                let largest = Array.max (Design.rowNormsSquared (LibSvm.read path).Rows)
                Assert.Equal(expected, largest, expected * 1e-12))

    [<Fact>]
    member _.``scaling brings every column's largest magnitude to 1``() =
        DataFiles.withFile output "australian" (fun path ->
            let sizes = Design.columnSizes (LibSvm.scaled (LibSvm.read path)).Rows
            Assert.All(sizes, fun size -> Assert.Equal(1.0, size, 1e-15)))

    [<Fact>]
    member _.``a1a can be given the dimension of a9a``() =
        DataFiles.withFile output "a1a" (fun path -> Assert.Equal(123, (LibSvm.readWith (Some 123) path).Rows.Columns))

module RowOrderTests =

    let private small: LabelledData = {
        Name = "small"
        Rows = Design.Dense(Matrix(4, 2, [| 1.0; 0.0; 0.0; 2.0; 3.0; 0.0; 0.0; 4.0 |]))
        Labels = [| 1.0; -1.0; 1.0; -1.0 |]
    }

    let private rowsOf (data: LabelledData) =
        let dense = Design.toDense data.Rows
        Array.init dense.Rows (fun r -> data.Labels[r], dense[r, 0], dense[r, 1])

    [<Fact>]
    let ``rows sorted by label keep their order within a label, sparse or dense`` () =
        let expected = [| -1.0, 0.0, 2.0; -1.0, 0.0, 4.0; 1.0, 1.0, 0.0; 1.0, 3.0, 0.0 |]
        Assert.Equal<(float * float * float)[]>(expected, rowsOf (RowOrder.apply RowOrder.ByLabel small))

        let sparse = {
            small with
                Rows = Design.Sparse(Design.toSparse small.Rows)
        }

        Assert.Equal<(float * float * float)[]>(expected, rowsOf (RowOrder.apply RowOrder.ByLabel sparse))

    [<Fact>]
    let ``shuffled rows are the same rows, the same for one seed and others for another`` () =
        let shuffled seed =
            rowsOf (RowOrder.apply (RowOrder.Shuffled seed) small)

        Assert.Equal<(float * float * float)[]>(Array.sort (rowsOf small), Array.sort (shuffled 3))
        Assert.Equal<(float * float * float)[]>(shuffled 3, shuffled 3)
        Assert.NotEmpty(List.init 5 shuffled |> List.distinct |> List.tail)
