using System.Text.Encodings.Web;
using System.Text.Json;

namespace Theory.Cli;

/// <summary>The JSON that the commands print; stable.</summary>
internal static class Json
{
    private static readonly JsonSerializerOptions Options = new()
    {
        WriteIndented = true,
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    public static void Print(object value) => Console.WriteLine(Text(value));

    public static string Text(object value) => JsonSerializer.Serialize(value, Options);

    /// <summary>JSON has no NaN or infinity: null stands for them.</summary>
    public static double? Number(double value) => double.IsFinite(value) ? value : null;

    public static object Of(ClaimResult r) => new
    {
        claim = r.Claim,
        paper = r.Paper,
        kind = r.Kind.ToString(),
        verdict = r.Verdict.ToString(),
        rung = r.Rung?.Value.ToString(),
        instances = r.Instances,
        erratum = r.IsErratum,
        tightness = new { min = Number(r.TightnessMin), max = Number(r.TightnessMax) },
        falsifiers = r.Falsifiers.Select(f => new { name = f.Name, killed = f.Killed }).ToArray(),
        seconds = Math.Round(r.Seconds, 3),
    };
}
