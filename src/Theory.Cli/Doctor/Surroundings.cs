using System.Text.RegularExpressions;
using Microsoft.FSharp.Core;
using Theory.Views;

namespace Theory.Cli.Doctor;

/// <summary>What parts of the work need beside this build: SDK, feed, Node.js, a browser, data, a home.</summary>
internal static partial class Surroundings
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    public static Check Sdk()
    {
        string? version = Tool.Ask("dotnet", "--version");
        bool ok = version is not null && int.TryParse(version.Split('.')[0], out int major) && major >= 10;
        return new Check(
            ".NET SDK", ok, Required: false, version ?? "no dotnet command that answers here", "building and testing a clone, scripts, notebooks", "https://dot.net/download, version 10");
    }

    public static Check Feed()
    {
        string? source = Environment.GetEnvironmentVariable("NUGET_FEED") is { Length: > 0 } named
            ? named
            : Enabled().Match(Tool.Ask("dotnet", "nuget", "list", "source", "--format", "short") ?? string.Empty) is { Success: true } listed ? listed.Groups[1].Value : null;
        (bool ok, string found) = source is null ? (false, "none is enabled; see dotnet nuget list source") : Answers(source);
        return new Check("NuGet feed", ok, Required: false, found, "building a clone, #r \"nuget: …\" in scripts", "dotnet nuget add source URL, or NUGET_FEED=URL");
    }

    public static Check Node()
    {
        string? node = Tool.Ask("node", "--version");
        string? npm = OperatingSystem.IsWindows() ? Tool.Ask("cmd", "/c", "npm", "--version") : Tool.Ask("npm", "--version");
        bool ok = node is not null && npm is not null;
        return new Check(
            "Node.js", ok, Required: false, $"node {node ?? "missing"}, npm {npm ?? "missing"}", "fetching the scripts of charts and reports, charts as .svg", "apt-get install nodejs npm");
    }

    public static Check Web()
    {
        FSharpResult<WebAssets, string> found = WebAssets.Find();
        return new Check(
            "web scripts", found.IsOk, Required: false, found.IsOk ? found.ResultValue.Folder : "Vega and KaTeX were not found", "theory plot --out .html and .svg, reports", "npm ci --prefix web, or THEORY_WEB=FOLDER that holds them");
    }

    public static Check Browser()
    {
        string? version = new[] { Environment.GetEnvironmentVariable("CHROMIUM"), "chromium", "chromium-browser", "google-chrome" }
            .Where(p => !string.IsNullOrEmpty(p)).Select(p => Tool.Ask(p!, "--version")).FirstOrDefault(v => v is not null);
        return new Check("Chromium", version is not null, Required: false, version ?? "not found", "the tests of reports in a browser", "apt-get install chromium");
    }

    public static Check Data()
    {
        string[] files = [.. DataFolder.Names()];
        (bool ok, string found) = DataFolder.Path switch
        {
            null => (false, $"{DataFolder.Variable} is not set"),
            string folder when !Directory.Exists(folder) => (false, $"{DataFolder.Variable}={folder}: no such folder"),
            string folder => (files.Length > 0, $"{folder}: {files.Length} files"),
        };
        return new Check("data", ok, Required: false, found, "--data NAME without a path, the tests on real data", $"export {DataFolder.Variable}=FOLDER of LIBSVM files");
    }

    /// <summary>The home need not exist: it is made by the first verification.</summary>
    public static Check Memory()
    {
        IReadOnlyDictionary<string, LastSeen.Entry> seen = LastSeen.Read();
        string found = seen.Count == 0 ? $"{LastSeen.FilePath}: nothing yet" : $"{LastSeen.FilePath}: {seen.Count} claims, {seen.Values.Max(e => e.When):yyyy-MM-dd}";
        return new Check("last verification", seen.Count > 0, Required: false, found, "the tightness in theory show, the time left", "theory verify");
    }

    /// <summary>A folder that is there, or a server that answers anything at all. The host is for a person's eyes, not for files.</summary>
    private static (bool Ok, string Found) Answers(string source)
    {
        if (!Uri.TryCreate(source, UriKind.Absolute, out Uri? address) || address.IsFile)
        {
            return (Directory.Exists(source), Directory.Exists(source) ? "a folder" : "a folder that is not there");
        }

        string host = Console.IsOutputRedirected ? "a server" : address.Host;
        using var client = new HttpClient { Timeout = Patience };
        try
        {
            using HttpResponseMessage answer = client.Send(new HttpRequestMessage(HttpMethod.Get, address), HttpCompletionOption.ResponseHeadersRead);
            return (true, $"{host} answers");
        }
        catch (Exception error) when (error is HttpRequestException or TaskCanceledException or NotSupportedException)
        {
            return (false, $"{host} does not answer");
        }
    }

    [GeneratedRegex(@"^E\S*\s+(\S.*?)\s*$", RegexOptions.Multiline)]
    private static partial Regex Enabled();
}
