using System.Diagnostics;
using System.Text.Json;
using Theory.Cli;
using Xunit;

namespace CliTests;

/// <summary>Colours, one claim at a time, the state of the machine, and what earlier versions remembered.</summary>
public class TerminalTests
{
    [Xunit.Theory]
    [InlineData(false, null, "xterm", true)]
    [InlineData(false, "", null, true)]
    [InlineData(true, null, "xterm", false)]
    [InlineData(false, "1", "xterm", false)]
    [InlineData(false, null, "dumb", false)]
    public void Colours_can_be_turned_off(bool option, string? noColor, string? term, bool expected) =>
        Assert.Equal(expected, Terminal.Coloured(option, name => name == "NO_COLOR" ? noColor : name == "TERM" ? term : null));

    [Xunit.Theory]
    [InlineData("--no-color", "list")]
    [InlineData("list", "--no-color")]
    public async Task The_option_may_stand_anywhere(params string[] arguments) => Assert.Equal(0, (await Command.RunAsync(arguments)).Code);

    [Xunit.Theory]
    [InlineData("", "", true)]
    [InlineData("--no-color", "", false)]
    [InlineData("", "1", false)]
    public async Task On_a_real_terminal_there_are_colours_unless_they_are_turned_off(string option, string noColor, bool expected)
    {
        const string Terminals = "/usr/bin/script";
        if (OperatingSystem.IsWindows() || OperatingSystem.IsMacOS() || !File.Exists(Terminals))
        {
            // There is no program that makes a terminal; what it decides is tested above.
            return;
        }

        string program = Path.Combine(AppContext.BaseDirectory, "theory.dll");
        var start = new ProcessStartInfo(Terminals, ["-qec", $"dotnet '{program}' verify SV-GD.1 --profile quick {option}", "/dev/null"])
        {
            RedirectStandardOutput = true,
            RedirectStandardInput = true,
        };
        start.Environment["TERM"] = "xterm-256color";
        start.Environment["NO_COLOR"] = noColor;
        using Process running = Process.Start(start)!;
        running.StandardInput.Close();
        string text = await running.StandardOutput.ReadToEndAsync();
        await running.WaitForExitAsync();
        Assert.Contains("Everything is as claimed.", text, StringComparison.Ordinal);
        Assert.Equal(expected, text.Contains("\u001b[38;5;", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Show_takes_one_claim()
    {
        Command.Outcome done = await Command.RunAsync("show", "ce-diana.1");
        Assert.Equal(0, done.Code);
        Assert.Contains("CE-DIANA.1 (Mean)", done.Out, StringComparison.Ordinal);
        Assert.Contains("  claims        E V_{k+1} ≤ max{1−γμ, 1−α/2} E V_k,\n                        V = ‖x−x*‖²", done.Out, StringComparison.Ordinal);
        Assert.DoesNotContain("CE-DIANA.2", done.Out, StringComparison.Ordinal);
        JsonElement json = JsonDocument.Parse((await Command.RunAsync("show", "CE-DIANA.1", "--json")).Out).RootElement;
        Assert.Equal("CE-DIANA.1", Assert.Single(json.GetProperty("claims").EnumerateArray()).GetProperty("id").GetString());
    }

    [Fact]
    public async Task Doctor_says_what_is_here_and_what_needs_the_rest()
    {
        Command.Outcome done = await Command.RunAsync("doctor", "--json");
        Assert.Equal(0, done.Code);
        Dictionary<string, JsonElement> checks = JsonDocument.Parse(done.Out).RootElement.EnumerateArray().ToDictionary(c => c.GetProperty("name").GetString()!);
        Assert.All([".NET runtime", "cores", "SIMD", "engines", "catalogue"], n => Assert.True(checks[n].GetProperty("ok").GetBoolean()));
        Assert.Contains("cpu, reference", checks["engines"].GetProperty("found").GetString(), StringComparison.Ordinal);
        Assert.Contains($"{Theory.Algorithms.All.papers.Length} papers", checks["catalogue"].GetProperty("found").GetString(), StringComparison.Ordinal);
        Assert.All([".NET SDK", "NuGet feed", "Node.js", "web scripts", "Chromium", "data", "last verification"], n =>
        {
            Assert.False(checks[n].GetProperty("required").GetBoolean());
            Assert.NotEmpty(checks[n].GetProperty("neededFor").GetString()!);
            Assert.NotEmpty(checks[n].GetProperty("install").GetString()!);
        });
        Command.Outcome plain = await Command.RunAsync("doctor");
        Assert.Equal(0, plain.Code);
        Assert.Contains("ok       engines", plain.Out, StringComparison.Ordinal);
        Assert.All(plain.Out.Split('\n').Where(l => !l.Contains('/')), l => Assert.True(l.Length <= 80, l));
    }

    [Fact]
    public async Task What_an_earlier_version_remembered_is_read()
    {
        await Command.RunAsync("verify", "SV-GD.1", "--profile", "quick");
        Assert.True(LastSeen.Seconds("quick").ContainsKey("SV-GD.1"));
        Assert.False(LastSeen.Seconds("deep").ContainsKey("SV-GD.1"));
        await File.WriteAllTextAsync(LastSeen.FilePath, """{"SV-GD.2":{"Verdict":"Held","Min":0.25,"Max":1,"Profile":"standard","When":"2026-01-02T03:04:05Z"}}""");
        Assert.Empty(LastSeen.Seconds("standard"));
        Assert.Contains("0.2500 … 1.0000 (Held, standard profile, 2026-01-02)", (await Command.RunAsync("show", "SV-GD.2")).Out, StringComparison.Ordinal);
    }
}
