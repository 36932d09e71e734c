using System.CommandLine;
using System.Diagnostics;
using Microsoft.FSharp.Collections;
using Theory.Report;
using Theory.Views;

namespace Theory.Cli;

internal sealed record ReportRequest(string[] Selectors, string Out, string Profile, ulong Seed, int Threads);

/// <summary><c>theory report</c>: verifies, runs and writes the site.</summary>
internal static class ReportCommand
{
    /// <summary>Arguments and options.</summary>
    public static Command Command()
    {
        Argument<string[]> selectors = Completions.From(
            new Argument<string[]>("selector")
            {
                Description = "Claims, papers or families; a trailing * matches any ending. Everything when omitted.",
                Arity = ArgumentArity.ZeroOrMore,
            },
            Completions.Selectors);
        var output = new Option<string>("--out") { Description = "The folder to write: empty, new or an earlier report.", Required = true };
        (Option<ulong> seed, Option<int> threads, Option<string> profile) = (Commands.Seed(), Commands.Threads(), Commands.ProfileOption());
        var command = new Command("report", "Verifies claims and writes a site about them, which opens from the disk.") { selectors, output, seed, threads, profile };
        command.SetAction((p, cancellation) => Commands.Background(() => Run(
            new ReportRequest(p.GetValue(selectors) ?? [], p.GetValue(output)!, p.GetValue(profile)!, p.GetValue(seed), p.GetValue(threads)),
            cancellation)));
        return command;
    }

    public static int Run(ReportRequest request, CancellationToken cancellation)
    {
        Site.check(request.Out);
        VerifySettings settings = Session.Settings(request.Profile, request.Seed, request.Threads, "cpu", cancellation);
        FSharpList<Tuple<Paper, Claim>> selected = Session.Select(Session.Catalogue, request.Selectors);
        var clock = Stopwatch.StartNew();
        var work = new ReportWork();
        ReportData data = Waiting.For(work, json: false, () => Gather.report(Session.Catalogue, settings, selected, Session.Report<ReportProgress>(work.Reach)));
        Written written = Site.write(request.Out, WebAssets.Find(), data);
        Console.WriteLine($"{written.Pages} pages for {data.Papers.Length} papers and {data.Results.Length} claims in {clock.Elapsed.TotalSeconds:0.0} s: {written.Index}");
        if (written.Missing is { } missing)
        {
            Console.WriteLine($"Formulas are Unicode text and charts are tables. {missing.Value}");
        }

        LastSeen.Remember(data.Results, request.Profile);
        return data.Results.All(r => r.AsClaimed) ? Program.AsClaimed : Program.NotAsClaimed;
    }
}

/// <summary>The making of a report: one stage after the other, each with parts to count. The time left is that of the stage
/// under way; the stages differ too much for one to tell of the next.</summary>
internal sealed class ReportWork : IWork
{
    private readonly long start = Stopwatch.GetTimestamp();

    private readonly Lock gate = new();

    private ReportProgress? reached;

    private long stageStart = Stopwatch.GetTimestamp();

    /// <inheritdoc/>
    public string Name => "report";

    /// <summary>What was finished last.</summary>
    public void Reach(ReportProgress progress)
    {
        lock (gate)
        {
            if (progress.Stage != reached?.Stage)
            {
                stageStart = reached is null ? start : Stopwatch.GetTimestamp();
            }

            reached = progress;
        }
    }

    /// <inheritdoc/>
    public Standing Now()
    {
        lock (gate)
        {
            TimeSpan elapsed = Stopwatch.GetElapsedTime(start);
            return reached is { } now
                ? new Standing(now.Done, now.Total, $"{now.Stage}: {now.Current}", elapsed, Left(now, Stopwatch.GetElapsedTime(stageStart)))
                : new Standing(0, 0, "verifying claims", elapsed, null);
        }
    }

    /// <summary>As long a part as so far; nothing is promised on less than a twentieth of the stage, nor of the next.</summary>
    private static TimeSpan? Left(ReportProgress now, TimeSpan elapsed) =>
        20 * now.Done >= now.Total && now.Done < now.Total ? elapsed * ((double)(now.Total - now.Done) / now.Done) : null;
}
