using System.Text.Json;

namespace Theory.Cli;

/// <summary>The tightness and verdict of each claim as the last verification on this machine saw them.</summary>
internal static class LastSeen
{
    public sealed record Entry(string Verdict, double? Min, double? Max, string Profile, DateTime When);

    private static string Folder =>
        Environment.GetEnvironmentVariable("THEORY_HOME")
        ?? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.Create), "theory");

    private static string FilePath => Path.Combine(Folder, "last-verification.json");

    public static IReadOnlyDictionary<string, Entry> Read()
    {
        try
        {
            return JsonSerializer.Deserialize<Dictionary<string, Entry>>(File.ReadAllText(FilePath)) ?? [];
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or JsonException)
        {
            return new Dictionary<string, Entry>();
        }
    }

    /// <summary>Adds results to what is known; a machine without a writable home just remembers nothing.</summary>
    public static void Remember(IEnumerable<ClaimResult> results, string profile)
    {
        var known = new Dictionary<string, Entry>(Read());
        foreach (ClaimResult r in results)
        {
            known[r.Claim] = new Entry(r.Verdict.ToString(), Json.Number(r.TightnessMin), Json.Number(r.TightnessMax), profile, DateTime.UtcNow);
        }

        try
        {
            Directory.CreateDirectory(Folder);
            File.WriteAllText(FilePath, JsonSerializer.Serialize(known));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // Remembering is a convenience; verification must not fail for it.
        }
    }
}
