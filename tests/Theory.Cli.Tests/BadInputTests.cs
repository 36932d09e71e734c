using Xunit;

namespace CliTests;

/// <summary>Bad input gets a message that names the value and the condition, exit code 2, and nothing half-written.</summary>
public class BadInputTests
{
    [Xunit.Theory]
    [InlineData("CE-DIANA", "verify", "CE-DIANX")]
    [InlineData("CE-DIANA", "show", "CE-DIANNA")]
    [InlineData("DIANA", "run", "DIANNA")]
    [InlineData("γ ≤ 2/(L+μ)", "run", "GD", "--set", "gamma=5")]
    [InlineData("--force", "run", "GD", "--set", "gamma=5")]
    [InlineData("Gamma", "run", "GD", "--set", "beta=5")]
    [InlineData("name=number", "run", "GD", "--set", "gamma")]
    [InlineData("name=number", "run", "GD", "--set", "gamma=NaN")]
    [InlineData("at least 1, got -3", "run", "GD", "--problem", "quadratic:d=-3")]
    [InlineData("at least 1, got 0", "run", "GD", "--problem", "diagonal:d=0")]
    [InlineData("at least 1, got 0.5", "run", "GD", "--problem", "diagonal:kappa=0.5")]
    [InlineData("quadratic", "run", "GD", "--problem", "cubic")]
    [InlineData("a monotone operator", "run", "EG", "--problem", "quadratic")]
    [InlineData("--steps must be at least 0, got -1", "run", "GD", "--steps", "-1")]
    [InlineData("--lanes must be at least 1, got 0", "run", "GD", "--lanes", "0")]
    [InlineData("--threads must be at least 1, got 0", "verify", "SV-GD.1", "--threads", "0")]
    [InlineData("does not exist", "run", "GD", "--out", "/no/such/folder/run.csv")]
    [InlineData(".csv or .json", "run", "GD", "--out", "/tmp/run.txt")]
    [InlineData("replay token", "replay", "nonsense")]
    [InlineData("no such file", "run", "GD", "--data", "/no/such/file")]
    [InlineData("quick", "verify", "--profile", "enormous")]
    [InlineData("rounds", "compare", "GD", "--by", "luck")]
    public async Task It_is_named(string expected, params string[] arguments)
    {
        Command.Outcome done = await Command.RunAsync(arguments);
        Assert.Equal(2, done.Code);
        Assert.Contains(expected, done.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", done.Error, StringComparison.Ordinal);
    }

    [Xunit.Theory]
    [InlineData("+1 1:0.5\n-1 x:2\n", "line 2")]
    [InlineData("+1 1:0.5\n-1 0:2\n", "0:2")]
    [InlineData("+1 3:0.5 2:1\n-1 1:2\n", "2:1")]
    [InlineData("+1 1:NaN\n-1 1:2\n", "NaN")]
    [InlineData("+1 1:0.5\n+1 1:2\n", "two classes")]
    [InlineData("", "row")]
    public async Task A_data_file_is_refused_with_its_line(string text, string expected)
    {
        string file = Path.GetTempFileName();
        await File.WriteAllTextAsync(file, text);
        string output = Path.ChangeExtension(file, ".csv");
        Command.Outcome done = await Command.RunAsync("run", "GD", "--data", file, "--workers", "1", "--out", output);
        Assert.Equal(2, done.Code);
        Assert.Contains(expected, done.Error, StringComparison.Ordinal);
        Assert.False(File.Exists(output));
    }

    [Fact]
    public async Task More_workers_than_rows_are_refused()
    {
        string file = Path.GetTempFileName();
        await File.WriteAllTextAsync(file, "+1 1:0.5\n-1 1:2\n");
        Command.Outcome done = await Command.RunAsync("run", "GD", "--data", file, "--workers", "3");
        Assert.Equal(2, done.Code);
        Assert.Contains("at most the number of rows, 2, got 3", done.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Forced_the_method_runs_without_the_claim()
    {
        Command.Outcome done = await Command.RunAsync("run", "GD", "--problem", "diagonal:d=2,kappa=4", "--set", "gamma=5", "--force", "--steps", "500");
        Assert.Equal(0, done.Code);
        Assert.Contains("outside the theorem", done.Out, StringComparison.Ordinal);
        Assert.Contains("lane 0 diverged", done.Out, StringComparison.Ordinal);
        Assert.DoesNotContain("bound SV-GD.1", done.Out, StringComparison.Ordinal);
    }
}
