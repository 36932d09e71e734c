using System.Diagnostics;
using Microsoft.FSharp.Collections;

namespace Theory.Cli;

internal sealed record VerifyRequest(
    string[] Selectors,
    string? Family,
    DataChoice Data,
    bool Json,
    ulong Seed,
    int Threads,
    string Profile,
    string Engine);

internal static class VerifyCommand
{
    public static int Run(VerifyRequest request, CancellationToken cancellation)
    {
        Catalogue catalogue = request.Data.Path is { } path ? DataProblems.Catalogue(path, request.Data) : Session.Catalogue;
        string[] selectors = request.Family is null ? request.Selectors : [.. request.Selectors, request.Family];
        FSharpList<Tuple<Paper, Claim>> selected = Session.Select(catalogue, selectors);
        VerifySettings settings = Session.Settings(request.Profile, request.Seed, request.Threads, request.Engine, cancellation);
        var clock = Stopwatch.StartNew();
        IReadOnlyList<ClaimResult> results = [.. WithProgress(catalogue, settings, selected, request.Profile, request.Json)];
        bool complete = results.Count == selected.Length;
        if (request.Json)
        {
            Json.Print(results.Select(Json.Of).ToArray());
        }
        else
        {
            string replay = request.Data.Path is null ? "theory replay" : $"theory replay {request.Data.AsOptions()}";
            VerifyReport.Print(results, selected.Length, clock.Elapsed, settings.Alpha, catalogue.StatisticalClaims, replay);
        }

        if (request.Data.Path is null)
        {
            LastSeen.Remember(results, request.Profile);
        }

        return !results.All(r => r.AsClaimed) ? Program.NotAsClaimed : complete ? Program.AsClaimed : Program.Interrupted;
    }

    /// <summary>Verifies and shows how far it is; the estimate of the time left knows how long claims took before.</summary>
    public static FSharpList<ClaimResult> WithProgress(
        Catalogue catalogue, VerifySettings settings, FSharpList<Tuple<Paper, Claim>> selected, string profile, bool json)
    {
        var work = new PartsWork("verify", selected.Select(s => s.Item2.Id), settings.Threads, LastSeen.Seconds(profile));
        return Waiting.For(work, json, () => catalogue.Verify(
            settings, selected, Session.Report<Claim>(c => work.Start(c.Id)), Session.Report<ClaimResult>(r => work.Finish(r.Claim))));
    }
}
