using System.Diagnostics;
using Xunit;

namespace CliTests;

/// <summary>What the command offers a shell, and what a shell makes of it.</summary>
public class CompletionTests
{
    private static async Task<string[]> Offered(string line) =>
        (await Command.RunAsync($"[suggest:{line.Length}]", line)).Out.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    [Xunit.Theory]
    [InlineData("theory ver", "verify")]
    [InlineData("theory show CE-DIA", "CE-DIANA.1")]
    [InlineData("theory show ce-dia", "CE-DIANA")]
    [InlineData("theory verify comm", "communication-efficient")]
    [InlineData("theory verify --family var", "variational-inequalities")]
    [InlineData("theory verify --profile ", "deep")]
    [InlineData("theory run GradSkip", "GradSkip+")]
    [InlineData("theory run GD --problem quad", "quadratic")]
    [InlineData("theory compare --by gr", "gradients")]
    [InlineData("theory compare CE-X", "CE-X1")]
    [InlineData("theory table sys", "systems-and-models")]
    [InlineData("theory completion ", "fish")]
    [InlineData("theory list --no", "--no-color")]
    public async Task It_offers_what_may_follow(string line, string expected) => Assert.Contains(expected, await Offered(line));

    [Fact]
    public async Task It_offers_nothing_that_begins_otherwise() => Assert.All(await Offered("theory show CE-DIA"), n => Assert.StartsWith("CE-DIA", n));

    [Fact]
    public async Task A_name_of_a_data_set_is_completed_and_found()
    {
        string folder = Directory.CreateTempSubdirectory().FullName;
        await File.WriteAllTextAsync(Path.Combine(folder, "two-points"), "+1 1:0.5\n-1 1:2\n");
        string? before = Environment.GetEnvironmentVariable("THEORY_DATA");
        try
        {
            Environment.SetEnvironmentVariable("THEORY_DATA", folder);
            Assert.Equal(["two-points"], await Offered("theory run GD --data two"));
            Command.Outcome done = await Command.RunAsync("run", "GD", "--data", "two-points", "--workers", "1", "--steps", "5", "--json");
            Assert.Equal((0, string.Empty), (done.Code, done.Error));
            Command.Outcome absent = await Command.RunAsync("run", "GD", "--data", "three-points");
            Assert.Equal(2, absent.Code);
            Assert.Contains($"no such file here nor in THEORY_DATA={folder}", absent.Error, StringComparison.Ordinal);
        }
        finally
        {
            Environment.SetEnvironmentVariable("THEORY_DATA", before);
        }
    }

    [Xunit.Theory]
    [InlineData("bash", "complete -o bashdefault -o default -F _theory theory")]
    [InlineData("zsh", "compdef _theory theory")]
    [InlineData("fish", "complete -c theory")]
    [InlineData("pwsh", "Register-ArgumentCompleter -Native -CommandName theory")]
    public async Task Every_shell_has_a_script(string shell, string expected)
    {
        Command.Outcome done = await Command.RunAsync("completion", shell);
        Assert.Equal(0, done.Code);
        Assert.Contains(expected, done.Out, StringComparison.Ordinal);
    }

    [Xunit.Theory]
    [InlineData("theory show CE-DIANA.", "CE-DIANA.1|CE-DIANA.2|CE-DIANA.3")]
    [InlineData("./theory verify --profile q", "quick")]
    [InlineData("theory run GradSkip", @"GradSkip|GradSkip\ by\ rounds|GradSkip+")]
    public async Task Bash_fills_its_replies(string line, string expected)
    {
        if (OperatingSystem.IsWindows() || !File.Exists("/bin/bash"))
        {
            // Elsewhere the scripts are covered by what the command offers.
            return;
        }

        string folder = Directory.CreateTempSubdirectory().FullName;
        string program = Path.Combine(AppContext.BaseDirectory, "theory.dll");
        await File.WriteAllTextAsync(Path.Combine(folder, "theory"), $"#!/bin/bash\nexec dotnet '{program}' \"$@\"\n");
        File.SetUnixFileMode(Path.Combine(folder, "theory"), UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        const string Ask = """
            source <(theory completion bash)
            COMP_LINE=$1
            COMP_POINT=${#COMP_LINE}
            read -ra COMP_WORDS <<< "$COMP_LINE"
            COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
            _theory "${COMP_WORDS[0]}"
            IFS='|'
            echo "${COMPREPLY[*]}"
            """;
        var start = new ProcessStartInfo("/bin/bash", ["--noprofile", "--norc", "-c", Ask, "bash", line])
        {
            RedirectStandardOutput = true,
            WorkingDirectory = folder,
        };
        start.Environment["PATH"] = $"{folder}:{Environment.GetEnvironmentVariable("PATH")}";
        using Process shell = Process.Start(start)!;
        string replies = await shell.StandardOutput.ReadToEndAsync();
        await shell.WaitForExitAsync();
        Assert.Equal(expected.Split('|').Order(StringComparer.Ordinal), replies.Trim().Split('|').Order(StringComparer.Ordinal));
    }
}
