using System.Diagnostics;
using Microsoft.FSharp.Collections;
using Spectre.Console;

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
        IReadOnlyList<ClaimResult> results = [.. Verify(catalogue, settings, selected, request.Json)];
        bool complete = results.Count == selected.Length;
        if (request.Json)
        {
            Json.Print(results.Select(Json.Of).ToArray());
        }
        else
        {
            string replay = request.Data.Path is null ? "theory replay" : $"theory replay {request.Data.AsOptions()}";
            Print(results, selected.Length, clock.Elapsed, settings.Alpha, catalogue.StatisticalClaims, replay);
        }

        if (request.Data.Path is null)
        {
            LastSeen.Remember(results, request.Profile);
        }

        return !results.All(r => r.AsClaimed) ? Program.NotAsClaimed : complete ? Program.AsClaimed : Program.Interrupted;
    }

    private static IEnumerable<ClaimResult> Verify(Catalogue catalogue, VerifySettings settings, FSharpList<Tuple<Paper, Claim>> selected, bool json)
    {
        int done = 0;
        if (json || !Tables.OnTerminal)
        {
            return catalogue.Verify(settings, selected, Session.Report<ClaimResult>(r =>
            {
                done++;
                if (!json)
                {
                    Console.WriteLine($"[{done}/{selected.Length}] {r.Claim} {r.Verdict} in {r.Seconds:0.00} s");
                }
            }));
        }

        FSharpList<ClaimResult>? results = null;
        AnsiConsole.Progress().HideCompleted(true).Start(progress =>
        {
            ProgressTask task = progress.AddTask("verifying", maxValue: selected.Length);
            results = catalogue.Verify(settings, selected, Session.Report<ClaimResult>(r =>
            {
                task.Increment(1);
                task.Description = Markup.Escape($"{r.Claim} {r.Verdict}");
            }));
        });
        return results!;
    }

    private static void Print(IReadOnlyList<ClaimResult> results, int asked, TimeSpan elapsed, double alpha, int statistical, string replay)
    {
        Tables.Print(
            ["claim", "kind", "verdict", "rung", "instances", "tightness", "falsifiers", "seconds", "statement"],
            results.Select(r => new[]
            {
                r.Claim,
                r.Kind.ToString(),
                r.Verdict + (r.IsErratum ? " (erratum)" : string.Empty),
                r.Rung?.Value.ToString() ?? "–",
                r.Instances.ToString(),
                Tightness(r),
                r.Falsifiers.IsEmpty ? "–" : $"{r.Falsifiers.Count(f => f.Killed)}/{r.Falsifiers.Length} killed",
                r.Seconds.ToString("0.00"),
                r.Statement,
            }));

        foreach (ClaimResult r in results)
        {
            Details(r, replay);
        }

        int alive = results.Sum(r => r.Falsifiers.Count(f => !f.Killed));
        int wrong = results.Count(r => !r.AsClaimed);
        Console.WriteLine();
        Console.WriteLine(
            $"{results.Count} claims in {elapsed.TotalSeconds:0.0} s: "
            + string.Join(", ", results.GroupBy(r => r.Verdict.ToString() + (r.IsErratum ? " (erratum)" : string.Empty)).Select(g => $"{g.Count()} {g.Key}"))
            + $"; {results.Sum(r => r.Falsifiers.Count(f => f.Killed))} falsifiers killed, {alive} alive.");
        if (results.Count < asked)
        {
            Console.WriteLine($"Stopped: {asked - results.Count} claims were not verified.");
        }

        Console.WriteLine($"Error budget: α = {alpha:G2} for the whole catalogue, split over {statistical} statistical claims.");
        Console.WriteLine(wrong == 0 ? (results.Count < asked ? "What was verified is as claimed." : "Everything is as claimed.") : $"{wrong} claims are NOT as claimed.");
    }

    private static void Details(ClaimResult r, string replay)
    {
        if (r.Counterexample?.Value is { } found)
        {
            Console.WriteLine();
            Console.WriteLine($"{r.Claim} refuted on {found.Instance}");
            Console.WriteLine($"  {found.Violation.Label}: measured {Tables.Number(found.Violation.Measured)}, bound {Tables.Number(found.Violation.Bound)}");
            if (found.Note.Length > 0)
            {
                Console.WriteLine($"  {found.Note}");
            }

            Console.WriteLine($"  {replay} {found.Token}");
        }

        if (r.Kind.IsCount && r.Note.Length > 0 && !r.Verdict.IsInconclusive)
        {
            Console.WriteLine($"{r.Claim}: {r.Note}");
        }

        if (r.Verdict.IsInconclusive)
        {
            Console.WriteLine($"{r.Claim} inconclusive: {r.Note}");
        }

        foreach (FalsifierResult f in r.Falsifiers.Where(f => !f.Killed))
        {
            Console.WriteLine($"{r.Claim}: falsifier ALIVE: {f.Name}");
        }
    }

    private static string Tightness(ClaimResult r) =>
        double.IsNaN(r.TightnessMin) && double.IsNaN(r.TightnessMax)
            ? "–"
            : double.IsNaN(r.TightnessMin) || Math.Abs(r.TightnessMax - r.TightnessMin) < 5e-5
                ? Tables.Ratio(r.TightnessMax)
                : $"{Tables.Ratio(r.TightnessMin)} … {Tables.Ratio(r.TightnessMax)}";
}
