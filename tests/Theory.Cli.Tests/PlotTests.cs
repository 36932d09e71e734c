using System.Text.Json;
using Xunit;

namespace CliTests;

/// <summary>The charts of <c>theory plot</c>.</summary>
public sealed class PlotTests : IDisposable
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("theory-plots");

    public void Dispose() => folder.Delete(recursive: true);

    private string At(string name) => Path.Combine(folder.FullName, name);

    [Theory]
    [InlineData("plot", "run", "ProxSkip", "--problem", "quadratic:n=3,d=4,kappa=10", "--steps", "50", "--lanes", "4", "--by", "rounds")]
    [InlineData("plot", "compare", "DIANA", "ProxSkip", "--problem", "quadratic:n=3,d=4,kappa=10", "--steps", "50", "--by", "bits")]
    [InlineData("plot", "compare", "VI-X3")]
    [InlineData("plot", "rates", "EG", "--problem", "game:n=3,d=1,mu=0.5", "--points", "5")]
    [InlineData("plot", "compressors", "--dimension", "12")]
    [InlineData("plot", "tightness", "CE-DIANA")]
    [InlineData("plot", "rungs", "CE-DIANA")]
    public async Task Every_chart_is_written_as_vega_lite(params string[] arguments)
    {
        Command.Outcome outcome = await Command.RunAsync([.. arguments, "--out", At("chart.json")]);

        // What takes longer than a second shows how far it is on the error output.
        Assert.Equal(0, outcome.Code);
        using JsonDocument chart = JsonDocument.Parse(File.ReadAllText(At("chart.json")));
        Assert.Contains("vega-lite", chart.RootElement.GetProperty("$schema").GetString());
        Assert.True(chart.RootElement.GetProperty("data").GetProperty("values").GetArrayLength() > 0);
        string? description = chart.RootElement.GetProperty("description").GetString();
        Assert.Contains(description!, outcome.Out);
    }

    [Fact]
    public async Task An_unknown_ending_is_refused_before_any_work()
    {
        Command.Outcome outcome = await Command.RunAsync("plot", "compressors", "--out", At("chart.png"));

        Assert.Equal(2, outcome.Code);
        Assert.Contains(".html, .svg, .json", outcome.Error);
        Assert.False(File.Exists(At("chart.png")));
    }

    [Fact]
    public async Task An_unknown_bound_names_those_there_are()
    {
        Command.Outcome outcome = await Command.RunAsync("plot", "run", "GD", "--steps", "5", "--bound", "nothing", "--out", At("chart.json"));

        Assert.Equal(2, outcome.Code);
        Assert.Contains("SV-GD", outcome.Error);
    }

    [Fact]
    public async Task A_method_without_exact_rates_says_why()
    {
        Command.Outcome outcome = await Command.RunAsync("plot", "rates", "EF21", "--out", At("chart.json"));

        Assert.Equal(2, outcome.Code);
        Assert.Contains("no curve", outcome.Error);
    }

    [Fact]
    public async Task Without_a_problem_rates_are_those_of_the_family_s_reference_instance()
    {
        Command.Outcome chosen = await Command.RunAsync("rates", "ProxSkip", "--problem", "quadratic:n=3,d=2,kappa=10");
        Command.Outcome reference = await Command.RunAsync("rates", "ProxSkip");

        Assert.Equal(0, reference.Code);
        Assert.Equal(chosen.Out, reference.Out);
    }
}
