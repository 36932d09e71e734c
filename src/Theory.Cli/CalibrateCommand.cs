using Microsoft.FSharp.Collections;

namespace Theory.Cli;

internal static class CalibrateCommand
{
    public static int Run(int seeds, string profile, int threads, bool json, CancellationToken cancellation)
    {
        if (seeds < 1)
        {
            throw new UsageException($"--seeds must be at least 1, got {seeds}.");
        }

        VerifySettings settings = Session.Settings(profile, 1, threads, "cpu", cancellation);
        int done = 0;
        int total = seeds * Session.Catalogue.StatisticalClaims;
        FSharpList<ClaimResult> results = Session.Catalogue.Calibrate(settings, seeds, Session.Report<ClaimResult>(_ =>
        {
            done++;
            if (!json && done % Math.Max(1, total / 20) == 0)
            {
                Console.WriteLine($"{done}/{total}");
            }
        }));
        var perClaim = results.GroupBy(r => r.Claim).Select(g => new
        {
            claim = g.Key,
            runs = g.Count(),
            refuted = g.Count(r => r.Verdict.IsRefuted),
            inconclusive = g.Count(r => r.Verdict.IsInconclusive),
        }).ToArray();
        if (json)
        {
            Json.Print(perClaim);
        }
        else
        {
            Tables.Print(["claim", "runs", "refuted", "inconclusive"], perClaim.Select(c => new[] { c.claim, c.runs.ToString(), c.refuted.ToString(), c.inconclusive.ToString() }));
            Console.WriteLine($"{results.Length} verifications on {seeds} seeds, {perClaim.Sum(c => c.refuted)} false refutations; α = {settings.Alpha:G2} a seed.");
        }

        return perClaim.Sum(c => c.refuted) == 0 ? Program.AsClaimed : Program.NotAsClaimed;
    }
}
