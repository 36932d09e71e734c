using System.Text.Json;

namespace Theory.Cli;

/// <summary>What the last verification on this machine saw of each claim.</summary>
internal static class LastSeen
{
    /// <summary>Verdict, tightness, and the seconds that it took; files of earlier versions have no seconds.</summary>
    public sealed record Entry(string Verdict, double? Min, double? Max, string Profile, DateTime When, double? Seconds = null);

    private static string Folder =>
        Environment.GetEnvironmentVariable("THEORY_HOME")
        ?? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.Create), "theory");

    /// <summary>Where it is kept.</summary>
    public static string FilePath => Path.Combine(Folder, "last-verification.json");

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

    /// <summary>Seconds of each claim that was last verified in this profile.</summary>
    public static IReadOnlyDictionary<string, double> Seconds(string profile) =>
        Read().Where(e => e.Value.Profile == profile && e.Value.Seconds is not null).ToDictionary(e => e.Key, e => e.Value.Seconds!.Value);

    /// <summary>Adds results to what is known; a machine without a writable home just remembers nothing.</summary>
    public static void Remember(IEnumerable<ClaimResult> results, string profile)
    {
        var known = new Dictionary<string, Entry>(Read());
        foreach (ClaimResult r in results)
        {
            known[r.Claim] = new Entry(r.Verdict.ToString(), Json.Number(r.TightnessMin), Json.Number(r.TightnessMax), profile, DateTime.UtcNow, Math.Round(r.Seconds, 4));
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
