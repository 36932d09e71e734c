using System.Text.Json;
using Xunit;

[assembly: CollectionBehavior(DisableTestParallelization = true)]

namespace CliTests;

/// <summary>What the command prints and returns when it is used as meant.</summary>
public class CommandTests
{
    [Fact]
    public async Task List_as_json_has_papers_methods_and_claims()
    {
        Command.Outcome done = await Command.RunAsync("list", "--json");
        Assert.Equal(0, done.Code);
        JsonElement diana = JsonDocument.Parse(done.Out).RootElement.EnumerateArray().Single(p => p.GetProperty("paper").GetString() == "CE-DIANA");
        Assert.Equal("communication-efficient", diana.GetProperty("family").GetString());
        Assert.Contains("DIANA", diana.GetProperty("methods").EnumerateArray().Select(m => m.GetString()));
        JsonElement claim = diana.GetProperty("claims").EnumerateArray().First(c => c.GetProperty("id").GetString() == "CE-DIANA.1");
        Assert.Equal("Mean", claim.GetProperty("kind").GetString());
        Assert.NotEmpty(claim.GetProperty("statement").GetString()!);
    }

    [Fact]
    public async Task Rates_show_certified_and_exact_factors()
    {
        Command.Outcome done = await Command.RunAsync("rates", "GD", "--problem", "diagonal:d=2,kappa=4", "--set", "gamma=0.1", "--json");
        Assert.Equal(0, done.Code);
        JsonElement found = JsonDocument.Parse(done.Out).RootElement;
        Assert.Equal(0.81, found.GetProperty("longRun").GetDouble(), 9);
        Assert.Equal(0.81, found.GetProperty("bounds")[0].GetProperty("worstStep").GetDouble(), 9);
        Assert.Equal(1.0, found.GetProperty("cost").GetProperty("Gradients").GetDouble());
        Command.Outcome none = await Command.RunAsync("rates", "MASHA2", "--problem", "game:n=2,d=1");
        Assert.NotEqual(0, none.Code);
        Assert.Contains("not affine", none.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_familys_page_is_written_as_markdown()
    {
        string path = Path.Combine(Path.GetTempPath(), $"theory-{Guid.NewGuid():N}.md");
        Command.Outcome done = await Command.RunAsync("table", "systems-and-models", "--profile", "quick", "--out", path);
        Assert.Equal(0, done.Code);
        string page = await File.ReadAllTextAsync(path);
        File.Delete(path);
        Assert.Contains("| SM-RENNALA |", page, StringComparison.Ordinal);
        Assert.Contains("## Claims", page, StringComparison.Ordinal);
        Command.Outcome unknown = await Command.RunAsync("table", "quantum");
        Assert.NotEqual(0, unknown.Code);
        Assert.Contains("variational-inequalities", unknown.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Verify_as_json_has_verdict_rung_tightness_and_falsifiers()
    {
        Command.Outcome done = await Command.RunAsync("verify", "CE-DIANA.1", "CE-SHIFT.7-printed", "--json", "--profile", "quick");
        Assert.Equal(0, done.Code);
        JsonElement[] results = [.. JsonDocument.Parse(done.Out).RootElement.EnumerateArray()];
        Assert.Equal(2, results.Length);
        JsonElement proved = results[0];
        Assert.Equal(("CE-DIANA.1", "CE-DIANA", "Mean", "Proved", "Spectral"), (Text(proved, "claim"), Text(proved, "paper"), Text(proved, "kind"), Text(proved, "verdict"), Text(proved, "rung")));
        Assert.False(proved.GetProperty("erratum").GetBoolean());
        Assert.InRange(proved.GetProperty("tightness").GetProperty("max").GetDouble(), 0.5, 1.0 + 1e-9);
        Assert.True(proved.GetProperty("instances").GetInt32() >= 2);
        Assert.All(proved.GetProperty("falsifiers").EnumerateArray(), f => Assert.True(f.GetProperty("killed").GetBoolean()));
        Assert.True(results[1].GetProperty("erratum").GetBoolean());
        Assert.Equal("Refuted", Text(results[1], "verdict"));
    }

    [Fact]
    public async Task Results_are_the_same_for_every_number_of_threads()
    {
        async Task<string> Verified(string threads)
        {
            Command.Outcome done = await Command.RunAsync("verify", "CE-SCAF", "RP-CLIPHP.2", "SV-GD", "--json", "--profile", "quick", "--threads", threads);
            return string.Join('\n', done.Out.Split('\n').Where(line => !line.Contains("\"seconds\"", StringComparison.Ordinal)));
        }

        Assert.Equal(await Verified("1"), await Verified("2"));
    }

    [Fact]
    public async Task A_falsifier_replays_from_its_token()
    {
        Command.Outcome table = await Command.RunAsync("verify", "VI-MASHA.10c");
        Assert.Equal(0, table.Code);
        string token = table.Out.Split('\n').Single(line => line.Contains("theory replay", StringComparison.Ordinal)).Trim().Split(' ')[2];
        Command.Outcome replayed = await Command.RunAsync("replay", token);
        Assert.Equal(0, replayed.Code);
        Assert.Contains("VIOLATED", replayed.Out, StringComparison.Ordinal);
        Assert.Contains("The counterexample stands", replayed.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Show_prints_what_the_paper_claims_and_the_tightness_last_seen()
    {
        await Command.RunAsync("verify", "SV-GD.1", "--profile", "quick");
        Command.Outcome done = await Command.RunAsync("show", "sv-gd");
        Assert.Equal(0, done.Code);
        Assert.Contains("method GD\n  step          x⁺ = x − γ∇f(x)", done.Out, StringComparison.Ordinal);
        Assert.Contains("  tightness     1.0000", done.Out, StringComparison.Ordinal);
        Assert.Contains("quick profile", done.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_run_writes_its_trajectory()
    {
        string folder = Directory.CreateTempSubdirectory().FullName;
        string csv = Path.Combine(folder, "run.csv");
        Command.Outcome done = await Command.RunAsync("run", "DIANA", "--problem", "quadratic:n=3,d=4,kappa=5", "--steps", "20", "--every", "5", "--lanes", "2", "--out", csv);
        Assert.Equal(0, done.Code);
        string[] lines = await File.ReadAllLinesAsync(csv);
        Assert.Equal(1 + 5 * 2, lines.Length);
        Assert.StartsWith("step,lane,", lines[0], StringComparison.Ordinal);
        Assert.Contains("UplinkBits", lines[0], StringComparison.Ordinal);
        Assert.StartsWith("20,1,", lines[^1], StringComparison.Ordinal);
        string json = Path.Combine(folder, "run.json");
        Assert.Equal(0, (await Command.RunAsync("run", "EG", "--problem", "bilinear:d=3", "--steps", "10", "--out", json)).Code);
        Assert.Equal(11, JsonDocument.Parse(await File.ReadAllTextAsync(json)).RootElement.GetProperty("steps").GetArrayLength());
        Assert.Equal(2, Directory.GetFiles(folder).Length);
    }

    [Fact]
    public async Task Compare_ranks_local_training_before_gradient_descent_by_rounds()
    {
        Command.Outcome done = await Command.RunAsync("compare", "GD", "ProxSkip", "--problem", "diagonal:d=5,kappa=400", "--steps", "100000", "--json");
        Assert.Equal(0, done.Code);
        JsonElement[] rows = [.. JsonDocument.Parse(done.Out).RootElement.EnumerateArray()];
        Assert.Equal(["ProxSkip", "GD"], rows.Select(r => Text(r, "method")));
        Assert.True(4.0 * Rounds(rows[0]) < Rounds(rows[1]));
    }

    private static double Rounds(JsonElement row) => row.GetProperty("spent").GetProperty("rounds").GetDouble();

    [Fact]
    public async Task Comparisons_that_papers_claim_run_by_name()
    {
        Command.Outcome done = await Command.RunAsync("compare", "CE-X1", "--json");
        Assert.Equal(0, done.Code);
        JsonElement one = Assert.Single(JsonDocument.Parse(done.Out).RootElement.EnumerateArray());
        Assert.True(one.GetProperty("asClaimed").GetBoolean());
        Assert.Equal(["ProxSkip", "GD"], one.GetProperty("spent").EnumerateArray().Select(s => Text(s, "method")));
    }

    private static string Text(JsonElement element, string name) => element.GetProperty(name).GetString()!;
}
