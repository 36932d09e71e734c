using Microsoft.FSharp.Collections;
using Microsoft.FSharp.Core;
using Theory;
using Theory.Cli;
using Xunit;

namespace CliTests;

/// <summary>What needs attention comes last: in the table, in the details, before the count.</summary>
public class VerifyReportTests
{
    private static ClaimResult Result(string claim, Verdict verdict, bool erratum = false, bool alive = false) => new(
        claim, "P", ClaimKind.Sure, $"statement of {claim}", verdict, FSharpOption<Rung>.Some(Rung.Trajectories), 1, 1, erratum, double.NaN, 0.5,
        ListModule.OfSeq([new FalsifierResult("a longer step", !alive, FSharpOption<string>.None)]),
        verdict.IsRefuted
            ? FSharpOption<Counterexample>.Some(new Counterexample($"instance of {claim}", new Row("both sides", 2.0, 1.0, false), string.Empty, "TOKEN"))
            : FSharpOption<Counterexample>.None,
        FSharpOption<bool>.None, $"note of {claim}", 0.1);

    private static readonly ClaimResult[] Results =
    [
        Result("P.1", Verdict.Refuted),
        Result("P.2", Verdict.Held, alive: true),
        Result("P.3", Verdict.Held),
        Result("P.4", Verdict.Held, erratum: true),
        Result("P.5", Verdict.Inconclusive),
        Result("P.6", Verdict.Refuted, erratum: true),
    ];

    [Fact]
    public void Results_are_sorted_by_how_much_they_ask_for_attention()
    {
        Assert.Equal(["P.3", "P.6", "P.5", "P.2", "P.1", "P.4"], VerifyReport.Sorted(Results).Select(r => r.Claim));
        Assert.All(Results, r => Assert.Equal(r.AsClaimed, VerifyReport.Attention(r) < 2));
    }

    [Fact]
    public void Details_of_what_is_not_as_claimed_stand_right_before_the_count()
    {
        TextWriter standard = Console.Out;
        using var printed = new StringWriter();
        try
        {
            Console.SetOut(printed);
            VerifyReport.Print(Results, Results.Length, TimeSpan.FromSeconds(1), 0.01, 0, "theory replay");
        }
        finally
        {
            Console.SetOut(standard);
        }

        string text = printed.ToString();
        string[] expected =
        [
            "P.6, an erratum, refuted on instance of P.6", "P.5 inconclusive: note of P.5", "P.2: falsifier ALIVE: a longer step",
            "P.1 refuted on instance of P.1", "P.4: this erratum must be refuted and is Held", "6 claims in 1.0 s", "3 claims are NOT as claimed.",
        ];
        int[] at = [.. expected.Select(line => text.IndexOf(line, StringComparison.Ordinal))];
        Assert.DoesNotContain(-1, at);
        Assert.Equal(at.Order(), at);
    }

    [Fact]
    public void A_narrow_terminal_gets_fewer_columns()
    {
        string[][] rows = [["claim", "kind", "statement"], ["CE-DIANA.1", "Mean", new string('x', 200)]];
        string[] dispensable = ["statement", "kind"];
        Assert.Equal(["claim", "kind", "statement"], Tables.Fitting(rows, 60, dispensable)[0]);
        Assert.Equal(["claim", "kind"], Tables.Fitting(rows, 50, dispensable)[0]);
        Assert.Equal(["CE-DIANA.1"], Tables.Fitting(rows, 20, dispensable)[1]);
    }
}
