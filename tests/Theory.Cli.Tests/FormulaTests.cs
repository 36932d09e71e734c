using Theory.Cli;
using Xunit;

namespace CliTests;

/// <summary>Statements over lines: nothing lost, nothing too wide, relation signs under each other.</summary>
public class FormulaTests
{
    private static string Squeezed(string text) => string.Concat(text.Where(c => !char.IsWhiteSpace(c)));

    [Fact]
    public void A_letter_with_its_mark_is_one_column()
    {
        Assert.Equal(1, TextWidth.Of("x\u0302"));
        Assert.Equal(5, TextWidth.Of("x\u0302 = x\u0304"));
        Assert.Equal("x\u0302  ", TextWidth.Pad("x\u0302", 3));
        Assert.Equal("x\u0302x\u0304", TextWidth.Cut("x\u0302x\u0304y", 2));
    }

    [Fact]
    public void What_fits_stays_one_line() =>
        Assert.Equal(["E V ≤ ρV, V = ‖x‖²"], Formula.Lines("E V ≤ ρV, V = ‖x‖²", 40));

    [Fact]
    public void Signs_meet_also_over_letters_with_marks()
    {
        IReadOnlyList<string> lines = Formula.Lines("E V_{k+1} ≤ max{1−γμ, 1−α/2} E V_k, x\u0302 = x + γ·mean(g_i); V = ‖x−x*‖² + (4ωγ²/(αn))·h", 45);
        Assert.Equal(["E V_{k+1} ≤ max{1−γμ, 1−α/2} E V_k,", "        x\u0302 = x + γ·mean(g_i);", "        V = ‖x−x*‖² + (4ωγ²/(αn))·h"], lines);
        int[] signs = [.. lines.Select(l => TextWidth.Of(l[..l.IndexOfAny(['≤', '='])]))];
        Assert.Equal([10, 10, 10], signs);
    }

    [Fact]
    public void A_chain_is_cut_before_its_second_sign() =>
        Assert.Equal(["E f(x) = a_1 + a_2 + a_3", "       ≤ b_1 + b_2 + b_3"], Formula.Lines("E f(x) = a_1 + a_2 + a_3 ≤ b_1 + b_2 + b_3", 30));

    [Fact]
    public void Conditions_before_a_colon_do_not_align() =>
        Assert.Equal(
            ["γ ≤ 1/L, any α ≤ 1/(1+ω), α > 0:", "E V_{k+1} ≤ (1−γμ)·E V_k"],
            Formula.Lines("γ ≤ 1/L, any α ≤ 1/(1+ω), α > 0: E V_{k+1} ≤ (1−γμ)·E V_k", 34));

    [Fact]
    public void Nothing_inside_brackets_is_a_place_to_break() =>
        Assert.Equal(["max{1−γμ, 1−α/2; β = 1}", "≤ ρ"], Formula.Lines("max{1−γμ, 1−α/2; β = 1} ≤ ρ", 23));

    [Fact]
    public void Every_statement_of_the_catalogue_is_whole_and_fits()
    {
        foreach (string text in Theory.Algorithms.All.papers.SelectMany(p => p.Claims).SelectMany(c => new[] { c.Statement, c.Assumptions }))
        {
            foreach (int width in new[] { 64, 124 })
            {
                IReadOnlyList<string> lines = Formula.Lines(text, width);
                Assert.Equal(Squeezed(text), Squeezed(string.Concat(lines)));
                Assert.All(lines, l => Assert.True(TextWidth.Of(l) <= width, $"{TextWidth.Of(l)} columns: {l}"));
            }
        }
    }
}
