using System.CommandLine;
using Microsoft.FSharp.Collections;
using Theory.Views;

namespace Theory.Cli;

/// <summary>The command tree of <c>theory plot</c>.</summary>
internal static class PlotCommands
{
    public static Command Plot() =>
        new("plot", "Draws a chart: .html (a page that needs no network), .svg (needs Node.js) or .json (Vega-Lite).")
        {
            Bounds(), Compare(), Rates(), Tightness(), Rungs(), Compressors(),
        };

    private static Option<string> Output() => new("--out") { Description = "The .html, .svg or .json file to write.", Required = true };

    private static Option<string> By()
    {
        var by = new Option<string>("--by") { Description = string.Join(", ", CompareCommand.Units.Keys) + ".", DefaultValueFactory = _ => "steps" };
        by.AcceptOnlyFromAmong([.. CompareCommand.Units.Keys]);
        return by;
    }

    private static Option<int> Lanes() => new("--lanes") { Description = "Independent replicates; the band is their 10 % to 90 % quantile.", DefaultValueFactory = _ => 1 };

    private static Option<bool> Force() => new("--force") { Description = "Run outside the theorem's conditions." };

    private static Command Bounds()
    {
        Argument<string> method = Commands.Method("DIANA");
        var bound = new Option<string?>("--bound") { Description = "Only bounds whose name contains this, as CE-DIANA.1." };
        return Runs(new Command("run", "A method's bounds beside what is measured along a run.") { method, bound }, p => [p.GetValue(method)!], p => p.GetValue(bound), PlotCommand.Bounds);
    }

    private static Command Compare()
    {
        Argument<string[]> methods = Completions.From(
            new Argument<string[]>("methods") { Description = "Methods, or comparisons that papers claim (VI-X1)." }, Completions.Compared);
        return Runs(new Command("compare", "Distances of several methods to the solution by what they spend.") { methods }, p => p.GetValue(methods) ?? [], _ => null, PlotCommand.Compare);
    }

    private static Command Runs(
        Command command, Func<ParseResult, string[]> methods, Func<ParseResult, string?> bound, Func<PlotRunArguments, string, CancellationToken, int> draw)
    {
        var (problem, data, steps, set) = Commands.RunOptions();
        (Option<string> by, Option<int> lanes, Option<bool> force, Option<ulong> seed, Option<int> threads, Option<string> output) =
            (By(), Lanes(), Force(), Commands.Seed(), Commands.Threads(), Output());
        foreach (Option option in new Option[] { problem, steps, set, by, lanes, force, seed, threads, output })
        {
            command.Options.Add(option);
        }

        data.AddTo(command);
        command.SetAction((p, cancellation) => Commands.Background(() => draw(
            new PlotRunArguments(
                methods(p), p.GetValue(problem)!, data.Of(p), p.GetValue(steps), p.GetValue(set) ?? [], p.GetValue(lanes),
                p.GetValue(by)!, bound(p), p.GetValue(force), p.GetValue(seed), p.GetValue(threads)),
            p.GetValue(output)!,
            cancellation)));
        return command;
    }

    private static Command Rates()
    {
        Argument<string> method = Completions.From(
            new Argument<string>("method") { Description = "Name of a method whose steps are affine on the problem, as ProxSkip." }, Completions.Methods);
        var (_, data, _, _) = Commands.RunOptions();
        Option<string?> problem = Commands.SmallProblem();
        var points = new Option<int>("--points") { Description = "Stepsizes, evenly spaced up to three times the theorem's.", DefaultValueFactory = _ => 60 };
        Option<string> output = Output();
        var command = new Command("rates", "Exact factors per step over stepsizes, the theorem's marked.") { method, problem, points, output };
        data.AddTo(command);
        command.SetAction((p, _) => Commands.Background(() =>
            PlotCommand.Rates(p.GetValue(method)!, p.GetValue(problem), data.Of(p), p.GetValue(points), p.GetValue(output)!)));
        return command;
    }

    private static Command Tightness() => OfVerification("tightness", "How tight the bounds of the selected claims are.", Charts.tightness);

    private static Command Rungs() =>
        OfVerification("rungs", "The rungs of evidence that the selected claims stand on.", results => Charts.rungs(Session.Catalogue.Papers, results));

    private static Command OfVerification(string name, string description, Func<FSharpList<ClaimResult>, Chart> chart)
    {
        Argument<string[]> selectors = Completions.From(
            new Argument<string[]>("selector") { Description = "Claims, papers or families; everything when omitted.", Arity = ArgumentArity.ZeroOrMore },
            Completions.Selectors);
        (Option<ulong> seed, Option<int> threads, Option<string> profile, Option<string> output) = (Commands.Seed(), Commands.Threads(), Commands.ProfileOption(), Output());
        var command = new Command(name, description) { selectors, seed, threads, profile, output };
        command.SetAction((p, cancellation) => Commands.Background(() => PlotCommand.Verification(
            chart, p.GetValue(selectors) ?? [], p.GetValue(profile)!, p.GetValue(seed), p.GetValue(threads), p.GetValue(output)!, cancellation)));
        return command;
    }

    private static Command Compressors()
    {
        var dimension = new Option<int>("--dimension") { Description = "Entries of the vectors.", DefaultValueFactory = _ => 64 };
        Option<string> output = Output();
        var command = new Command("compressors", "Compressors in the plane of variance against bits.") { dimension, output };
        command.SetAction(p => PlotCommand.Compressors(p.GetValue(dimension), p.GetValue(output)!));
        return command;
    }
}
