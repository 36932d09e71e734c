using Microsoft.FSharp.Collections;
using Microsoft.FSharp.Core;

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
        var claims = Session.Catalogue.Claims.Select(c => c.Item2).Where(c => c.Statistical && c.Erratum is null);
        var work = new PartsWork("calibrate", [.. claims.SelectMany(c => Enumerable.Range(1, seeds).Select(seed => Part((ulong)seed, c.Id)))], threads);
        var started = FuncConvert.FromAction<ulong, Claim>((seed, claim) => work.Start(Part(seed, claim.Id)));
        var finished = FuncConvert.FromAction<ulong, ClaimResult>((seed, result) => work.Finish(Part(seed, result.Claim)));
        FSharpList<ClaimResult> results = Waiting.For(work, json, () => Session.Catalogue.Calibrate(settings, seeds, started, finished));
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

        return perClaim.Sum(c => c.refuted) > 0 ? Program.NotAsClaimed
            : cancellation.IsCancellationRequested ? Program.Interrupted
            : Program.AsClaimed;
    }

    private static string Part(ulong seed, string claim) => $"{claim} on seed {seed}";
}
