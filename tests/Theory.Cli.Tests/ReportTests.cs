using System.Text.RegularExpressions;
using Xunit;

namespace CliTests;

/// <summary><c>theory report</c>: the folder it writes, and those it does not.</summary>
public sealed class ReportTests : IDisposable
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("theory-reports");

    public void Dispose() => folder.Delete(recursive: true);

    [Fact]
    public async Task A_report_of_one_paper_is_its_page_its_family_and_the_overview()
    {
        Command.Outcome outcome = await Command.RunAsync("report", "CE-DIANA", "--profile", "quick", "--out", folder.FullName);

        Assert.Equal(0, outcome.Code);
        Assert.Contains(Path.Combine(folder.FullName, "index.html"), outcome.Out);
        string[] pages = [.. Directory.GetFiles(folder.FullName, "*.html", SearchOption.AllDirectories).Select(p => Path.GetRelativePath(folder.FullName, p)).Order()];
        Assert.Equal(["compare.html", "errata.html", "families/communication-efficient.html", "index.html", "papers/CE-DIANA.html"], pages);
        string paper = File.ReadAllText(Path.Combine(folder.FullName, "papers", "CE-DIANA.html"));
        Assert.Equal(3, Regex.Count(paper, "<article class=\"card\" id=\"CE-DIANA"));

        // The same again overwrites it.
        Assert.Equal(0, (await Command.RunAsync("report", "CE-DIANA.1", "--profile", "quick", "--out", folder.FullName)).Code);
        Assert.Contains("not verified", File.ReadAllText(Path.Combine(folder.FullName, "papers", "CE-DIANA.html")));
    }

    [Fact]
    public async Task A_folder_with_other_files_is_left_alone()
    {
        string other = Path.Combine(folder.FullName, "thesis.tex");
        File.WriteAllText(other, "words");

        Command.Outcome outcome = await Command.RunAsync("report", "CE-DIANA", "--out", folder.FullName);

        Assert.Equal(2, outcome.Code);
        Assert.Contains("holds other files", outcome.Error);
        Assert.Equal([other], Directory.GetFileSystemEntries(folder.FullName));
    }

    [Fact]
    public async Task An_unknown_paper_is_named_before_anything_is_written()
    {
        Command.Outcome outcome = await Command.RunAsync("report", "CE-DIANNA", "--out", Path.Combine(folder.FullName, "site"));

        Assert.Equal(2, outcome.Code);
        Assert.Contains("CE-DIANA", outcome.Error);
        Assert.Empty(Directory.GetFileSystemEntries(folder.FullName));
    }
}
