using Microsoft.FSharp.Collections;
using Microsoft.FSharp.Core;
using Theory.Algorithms;
using Theory.Views;

namespace Theory.Cli;

/// <summary>What the charts of runs are asked for.</summary>
internal sealed record PlotRunArguments(
    string[] Methods,
    string Problem,
    DataChoice Data,
    int Steps,
    string[] Set,
    int Lanes,
    string By,
    string? Bound,
    bool Force,
    ulong Seed,
    int Threads);

/// <summary>The charts of <c>theory plot</c>, written as a page, a picture or a Vega-Lite specification.</summary>
internal static class PlotCommand
{
    private static readonly string[] Extensions = [".html", ".svg", ".json"];

    /// <summary>A method's bounds beside what is measured along a run.</summary>
    public static int Bounds(PlotRunArguments a, string output, CancellationToken cancellation)
    {
        CheckOutput(output);
        (IProblem problem, CheckContext context) = Ready(a, cancellation);
        MethodEntry method = Session.Method(a.Methods[0]);
        (PreparedMethod prepared, MethodRun run) = Ran(method, problem, a, context);
        BoundRecord[] bounds = [.. run.Bounds.Where(b => a.Bound is null || b.Name.Contains(a.Bound, StringComparison.OrdinalIgnoreCase))];
        if (bounds.Length == 0)
        {
            throw new UsageException(run.Bounds.IsEmpty
                ? $"{method.Name} has no bound along a run on '{problem.Name}' with these parameters. Its distance to the solution: theory plot compare {method.Name}."
                : $"{method.Name} has no bound named '{a.Bound}' there. It has {string.Join("; ", prepared.Bounds.Invoke(null!).Select(b => b.Name))}.");
        }

        return Write([.. bounds.Select(b => Charts.run(problem, CompareCommand.Units[a.By], method.Name, run, b))], output);
    }

    /// <summary>Distances of several methods to the solution by a counter.</summary>
    public static int Compare(PlotRunArguments a, string output, CancellationToken cancellation)
    {
        CheckOutput(output);
        if (a.Methods.Length == 0)
        {
            throw new UsageException("Name the methods to compare: theory plot compare GD ProxSkip --by rounds --out FILE.");
        }

        if (a.Methods.All(name => Comparisons.all.Any(c => Is(c.Key, name))))
        {
            CheckContext given = Session.Context(a.Seed, a.Threads, "cpu", cancellation);
            IEnumerable<Comparison> declared = a.Methods.Select(name => Comparisons.all.First(c => Is(c.Key, name)));
            return Write([.. declared.Select(c => Charts.comparison(Algorithms.ComparisonModule.run(given, Session.Catalogue.Papers, c)))], output);
        }

        MethodEntry[] methods = [.. a.Methods.Select(Session.Method)];
        (IProblem problem, CheckContext context) = Ready(a, cancellation);
        var runs = methods.Select(m => Tuple.Create(m.Name, Ran(m, problem, a, context).Run));
        return Write([Charts.runs(problem, CompareCommand.Units[a.By], ListModule.OfSeq(runs))], output);
    }

    /// <summary>Exact factors over stepsizes.</summary>
    public static int Rates(string name, string? problemText, DataChoice data, int points, string output)
    {
        CheckOutput(output);
        RunCommand.RequireAtLeast("--points", points, 2);
        MethodEntry method = Session.Method(name);
        IProblem problem = Session.ProblemOfRates(method, problemText, data);
        FSharpResult<StepsizeCurve, string> curve = Waiting.For(
            new SingleWork("plot", $"{points} stepsizes of {method.Name}"), json: false, () => StepsizeCurveModule.compute(method, problem, points));
        return curve.IsOk
            ? Write([Charts.rates(curve.ResultValue)], output)
            : throw new UsageException($"There is no curve to draw: {curve.ErrorValue}.");
    }

    /// <summary>A chart of a verification.</summary>
    public static int Verification(
        Func<FSharpList<ClaimResult>, Chart> chart, string[] selectors, string profile, ulong seed, int threads, string output, CancellationToken cancellation)
    {
        CheckOutput(output);
        Catalogue catalogue = Session.Catalogue;
        VerifySettings settings = Session.Settings(profile, seed, threads, "cpu", cancellation);
        FSharpList<ClaimResult> results = VerifyCommand.WithProgress(catalogue, settings, Session.Select(catalogue, selectors), profile, json: false);
        return cancellation.IsCancellationRequested ? Program.Interrupted : Write([chart(results)], output);
    }

    /// <summary>Compressors in the plane of variance against bits.</summary>
    public static int Compressors(int dimension, string output)
    {
        CheckOutput(output);
        RunCommand.RequireAtLeast("--dimension", dimension, 2);
        return Write([Charts.plane(dimension)], output);
    }

    private static bool Is(string key, string name) => string.Equals(key, name, StringComparison.OrdinalIgnoreCase);

    private static (IProblem Problem, CheckContext Context) Ready(PlotRunArguments a, CancellationToken cancellation)
    {
        RunCommand.RequireAtLeast("--steps", a.Steps, 1);
        RunCommand.RequireAtLeast("--lanes", a.Lanes, 1);
        return (Inputs.Problem(a.Problem, a.Data), Session.Context(a.Seed, a.Threads, "cpu", cancellation));
    }

    private static (PreparedMethod Prepared, MethodRun Run) Ran(MethodEntry method, IProblem problem, PlotRunArguments a, CheckContext context)
    {
        PreparedMethod prepared = RunCommand.Prepare(method, problem, a.Set);
        RunCommand.CheckConditions(method, prepared, a.Force);
        return (prepared, RunCommand.RunWithProgress(method.Name, prepared, context, new RunRequest(a.Steps, 1, a.Lanes, null, null), json: false));
    }

    private static void CheckOutput(string output)
    {
        Inputs.CheckWritable(output);
        if (!Extensions.Contains(Path.GetExtension(output)))
        {
            throw new UsageException($"--out writes {string.Join(", ", Extensions)}, got '{output}'.");
        }
    }

    /// <summary>A page shows every chart; a picture or a specification is of one, the first.</summary>
    private static int Write(IReadOnlyList<Chart> charts, string output)
    {
        string text = Path.GetExtension(output) switch
        {
            ".html" => Page.standalone(Assets(), ListModule.OfSeq(charts)),
            ".svg" => Known(Svg.render(Assets(), charts[0])),
            _ => ChartModule.json(charts[0]),
        };
        Inputs.WriteWhole(output, w => w.Write(text));
        foreach (Chart chart in Path.GetExtension(output) == ".html" ? charts : charts.Take(1))
        {
            Console.WriteLine(chart.Description);
        }

        if (charts.Count > 1 && Path.GetExtension(output) != ".html")
        {
            Console.WriteLine($"There are {charts.Count - 1} more charts; an .html shows all of them.");
        }

        Console.WriteLine($"Wrote {output}.");
        return Program.AsClaimed;
    }

    private static WebAssets Assets() => Known(WebAssets.Find());

    private static T Known<T>(FSharpResult<T, string> result) =>
        result.IsOk ? result.ResultValue : throw new UsageException($"{result.ErrorValue} A .json needs neither.");
}
