/// When stored outputs count as fresh.
module Theory.Notebooks.Tests.ComparisonTests

open Xunit
open Theory.Notebooks

[<Theory>]
[<InlineData("tightness 0.973105", "tightness 0.973106")>]
[<InlineData("1,234,567 steps", "1,234,568 steps")>]
[<InlineData("error 3.1E-31", "error 0")>]
[<InlineData("(−1.00000, 2)", "(−1.00001, 2)")>]
[<InlineData("x = 1e-3.", "x = 1.00001e-3.")>]
let ``last digits may differ`` (stored: string, fresh: string) =
    Assert.True(Comparison.texts stored fresh)

[<Theory>]
[<InlineData("tightness 0.9731", "tightness 0.9741")>]
[<InlineData("3 killed", "2 killed")>]
[<InlineData("error 3.1E-7", "error 0")>]
[<InlineData("1", "-1")>]
[<InlineData("Proved", "Held")>]
[<InlineData("eyJDbGFpbSI6IkxBWlkuMiIs", "eyJDbGFpbSI6IkxBWlkuMyIs")>]
[<InlineData("1 2", "1 2 3")>]
[<InlineData("CE-DIANA.100001", "CE-DIANA.100002")>]
let ``all else must agree`` (stored: string, fresh: string) =
    Assert.False(Comparison.texts stored fresh)

[<Fact>]
let ``the place of a difference is named`` () =
    let outputs text = Output.json 1 [ Output.Printed text ]

    Assert.Equal(None, Comparison.outputs (outputs "a 1.000001\n") (outputs "a 1.000002\n"))

    match Comparison.outputs (outputs "first\nsecond\n") (outputs "first\nother\n") with
    | Some difference -> Assert.Contains("outputs/0/text/1", difference)
    | None -> Assert.Fail "The difference was not found."

[<Fact>]
let ``outputs that were never stored are stale`` () =
    Assert.NotEqual(None, Comparison.outputs null (Output.json 1 [ Output.Printed "a" ]))
