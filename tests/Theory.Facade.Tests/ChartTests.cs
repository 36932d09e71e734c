using System.Text.Json;
using Theory.Api;
using Xunit;

namespace FacadeTests;

/// <summary>Charts as C# code asks for them.</summary>
public sealed class ChartTests
{
    private static readonly FiniteSum Problem = Problems.Quadratic(new[,] { { 3.0, 1.0 }, { 1.0, 2.0 } }, [1.0, -1.0]);

    private static RunReport Run(string method) => Methods.Find(method).On(Problem).Run(RunOptions.Default.WithSteps(40));

    private static JsonElement[] Rows(Chart chart)
    {
        using JsonDocument specification = JsonDocument.Parse(chart.VegaLite);
        return [.. specification.RootElement.GetProperty("data").GetProperty("values").Clone().EnumerateArray()];
    }

    [Fact]
    public void A_bound_s_chart_has_the_run_s_numbers()
    {
        RunReport run = Run("GD");
        Chart chart = Charts.Bound(run);
        JsonElement last = Rows(chart)[^1];

        Assert.Equal(40, last.GetProperty("step").GetDouble());
        Assert.Equal(run.Bounds[0].Measured!.Last, last.GetProperty("measured").GetDouble(), run.Bounds[0].Measured!.Last * 1e-5);
        Assert.StartsWith("GD", chart.Title);
    }

    [Fact]
    public void What_is_not_there_is_named()
    {
        ArgumentException unknown = Assert.Throws<ArgumentException>(() => Charts.Bound(Run("GD"), "nothing"));
        Assert.Contains("SV-GD", unknown.Message);
        Assert.Throws<ArgumentException>(() => Charts.Bound(Run("GD"), by: Spending.Bits));
        Assert.Throws<ArgumentException>(() => Charts.Distances(Spending.Steps));
        Assert.Throws<ArgumentException>(() => Charts.Distances(
            Spending.Steps, Run("GD"), Methods.Find("GD").On(Problems.Diagonal(1.0, 2.0)).Run(RunOptions.Default.WithSteps(5))));
        Assert.Throws<ArgumentOutOfRangeException>(() => Charts.Compressors(1));
        Assert.Throws<ArgumentException>(() => Charts.Compressors(8).Save("chart.png"));
    }

    [Fact]
    public void Distances_and_rates_have_a_line_each()
    {
        string[] lines = [.. Rows(Charts.Distances(Spending.Steps, Run("GD"), Run("HB"))).Select(r => r.GetProperty("series").GetString()!).Distinct()];
        Assert.Equal(["GD", "HB"], lines);
        Assert.Equal(3, Rows(Charts.Rates(Methods.Find("GD"), Problem, 10)).Select(r => r.GetProperty("series").GetString()).Distinct().Count());
    }

    [Fact]
    public async Task Verifications_are_counted()
    {
        IReadOnlyList<ClaimReport> reports = await Verifier.VerifyAsync(["SV-GD"]);
        Assert.Equal(reports.Count, Rows(Charts.Rungs(reports)).Sum(r => r.GetProperty("claims").GetDouble()));
        Assert.NotEmpty(Rows(Charts.Tightness(reports)));
    }
}
