using System.CommandLine;
using System.Diagnostics;
using Microsoft.FSharp.Collections;
using Spectre.Console;
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
        var selectors = new Argument<string[]>("selector")
        {
            Description = "Claims, papers or families; a trailing * matches any ending. Everything when omitted.",
            Arity = ArgumentArity.ZeroOrMore,
        };
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
        ReportData data = Gathered(settings, selected);
        Written written = Site.write(request.Out, WebAssets.Find(), data);
        Console.WriteLine($"{written.Pages} pages for {data.Papers.Length} papers and {data.Results.Length} claims in {clock.Elapsed.TotalSeconds:0.0} s: {written.Index}");
        if (written.Missing is { } missing)
        {
            Console.WriteLine($"Formulas are Unicode text and charts are tables. {missing.Value}");
        }

        LastSeen.Remember(data.Results, request.Profile);
        return data.Results.All(r => r.AsClaimed) ? Program.AsClaimed : Program.NotAsClaimed;
    }

    private static ReportData Gathered(VerifySettings settings, FSharpList<Tuple<Paper, Claim>> selected)
    {
        if (!Tables.OnTerminal)
        {
            string stage = string.Empty;
            return Gather.report(Session.Catalogue, settings, selected, Session.Report<ReportProgress>(p =>
            {
                if (p.Stage != stage)
                {
                    stage = p.Stage;
                    Console.WriteLine($"{stage}: {p.Total}");
                }
            }));
        }

        ReportData? data = null;
        AnsiConsole.Progress()
            .HideCompleted(true)
            .Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), new RemainingTimeColumn())
            .Start(progress =>
            {
                var tasks = new Dictionary<string, ProgressTask>();
                data = Gather.report(Session.Catalogue, settings, selected, Session.Report<ReportProgress>(p =>
                {
                    if (!tasks.TryGetValue(p.Stage, out ProgressTask? task))
                    {
                        task = progress.AddTask(p.Stage, maxValue: p.Total);
                        tasks[p.Stage] = task;
                    }

                    task.Value = p.Done;
                    task.Description = Markup.Escape($"{p.Stage}: {p.Current}");
                }));
            });
        return data!;
    }
}
