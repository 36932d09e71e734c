using Theory.Numerics;

namespace Theory.Cli;

internal static class ReplayCommand
{
    public static int Run(string token, DataChoice data, bool json, string engine)
    {
        Catalogue catalogue = data.Path is { } path ? DataProblems.Catalogue(path, data) : Session.Catalogue;
        VerifySettings settings = Session.Settings("standard", 1, 1, engine, CancellationToken.None);
        Replayed replayed = catalogue.Replay(settings, token);
        if (json)
        {
            Json.Print(new
            {
                claim = replayed.Claim,
                falsifier = replayed.Falsifier?.Value,
                instance = replayed.Instance,
                verdict = replayed.Verdict.ToString(),
                note = replayed.Note,
                rows = replayed.Rows.Select(r => new { label = r.Label, measured = Json.Number(r.Measured), bound = Json.Number(r.Bound), holds = r.Holds }).ToArray(),
            });
        }
        else
        {
            Console.WriteLine($"{replayed.Claim}{(replayed.Falsifier is null ? string.Empty : $", falsifier: {replayed.Falsifier.Value}")}");
            Console.WriteLine($"instance {replayed.Instance}");
            Tables.Print(
                ["", "measured", "bound", "ratio", ""],
                replayed.Rows.Select(r => new[]
                {
                    r.Label, r.Measured.ToString("G10"), r.Bound.ToString("G10"), Tables.Ratio(r.Measured / r.Bound), r.Holds ? "holds" : "VIOLATED",
                }));
            if (replayed.Note.Length > 0)
            {
                Console.WriteLine(replayed.Note);
            }

            Console.WriteLine(replayed.Verdict.IsRefuted ? "The counterexample stands: Refuted." : $"Not refuted: {replayed.Verdict}.");
        }

        return Program.AsClaimed;
    }
}
