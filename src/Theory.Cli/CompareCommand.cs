using Microsoft.FSharp.Core;
using Theory.Algorithms;

namespace Theory.Cli;

internal sealed record CompareArguments(
    string[] Methods,
    string Problem,
    DataChoice Data,
    int Steps,
    string[] Set,
    string By,
    double Target,
    bool Json,
    ulong Seed,
    int Threads,
    string Engine);

internal static class CompareCommand
{
    /// <summary>What --by accepts, in the order of the table's columns.</summary>
    public static readonly IReadOnlyDictionary<string, Spending> Units = new Dictionary<string, Spending>
    {
        ["steps"] = Spending.Steps,
        ["rounds"] = Spending.Rounds,
        ["gradients"] = Spending.Gradients,
        ["floats"] = Spending.Floats,
        ["bits"] = Spending.Bits,
        ["gossip"] = Spending.Gossip,
        ["messages"] = Spending.Messages,
        ["local"] = Spending.LocalSteps,
        ["samples"] = Spending.Samples,
        ["time"] = Spending.Seconds,
    };

    private sealed record Row(string Method, bool Reached, IReadOnlyDictionary<string, double?> Amounts, double Error);

    public static int Run(CompareArguments a, CancellationToken cancellation)
    {
        RunCommand.RequireAtLeast("--steps", a.Steps, 1);
        if (!(a.Target > 0.0))
        {
            throw new UsageException($"--target must be positive, got {a.Target}.");
        }

        CheckContext context = Session.Context(a.Seed, a.Threads, a.Engine, cancellation);
        Comparison[] declared = [.. Comparisons.all.Where(c => a.Methods.Length == 0 || a.Methods.Any(m => Names(c, m)))];
        if (a.Methods.Length == 0 || (declared.Length > 0 && a.Methods.All(m => Comparisons.all.Any(c => Names(c, m)))))
        {
            return Declared(declared, context, a);
        }

        MethodEntry[] methods = [.. a.Methods.Select(Session.Method)];
        IProblem problem = Inputs.Problem(a.Problem, a.Data);
        Row[] rows = [.. Each("compare", methods, m => m.Name, a.Json, m => Spend(m, problem, a, context)).OrderBy(r => (!r.Reached, r.Amounts[a.By] ?? double.MaxValue))];
        if (a.Json)
        {
            Json.Print(rows.Select(r => new { method = r.Method, reached = r.Reached, spent = Known(r.Amounts), error = r.Error }).ToArray());
            return Program.AsClaimed;
        }

        Console.WriteLine($"{problem.Name}: until the squared distance to the solution is {a.Target:G3} of the start's, by {a.By}");
        string[] columns = [.. Units.Keys.Where(u => rows.Any(r => r.Amounts[u] is not null))];
        Tables.Print(
            ["method", "reached", .. columns, "error reached"],
            rows.Select(r => (string[])[r.Method, r.Reached ? "yes" : "no", .. columns.Select(c => Cell(r.Amounts[c])), Tables.Number(r.Error)]));
        return Program.AsClaimed;
    }

    /// <summary>A comparison is named by its key, its paper or its family.</summary>
    private static bool Names(Comparison c, string text) =>
        new[] { c.Key, c.Source, c.Family }.Any(n => string.Equals(n, text, StringComparison.OrdinalIgnoreCase));

    /// <summary>Runs what the papers claim and says whether the order is theirs.</summary>
    private static int Declared(Comparison[] comparisons, CheckContext context, CompareArguments a)
    {
        Compared[] results = Each(
            "compare", comparisons, c => c.Key, a.Json, c => Algorithms.ComparisonModule.run(context, Session.Catalogue.Papers, c));
        if (a.Json)
        {
            Json.Print(results.Select(r => new
            {
                key = r.Comparison.Key,
                claim = r.Comparison.Claim,
                source = r.Comparison.Source,
                problem = r.Comparison.Problem,
                by = UnitOf(r.Comparison.By),
                asClaimed = r.AsClaimed,
                spent = r.Spent.Select(s => new { method = s.Item1.ToString(), reached = s.Item2.Reached, amount = s.Item3?.Value }).ToArray(),
            }).ToArray());
        }
        else
        {
            Tables.Print(
                ["comparison", "by", "as claimed", "spent, from least to most as claimed", "claim", "on"],
                results.Select(r => new[]
                {
                    r.Comparison.Key,
                    UnitOf(r.Comparison.By),
                    r.AsClaimed ? "yes" : "NO",
                    string.Join(", ", r.Spent.Select(s => $"{s.Item1} {(s.Item3 is { } v ? v.Value.ToString("G6") : "not reached")}")),
                    $"{r.Comparison.Claim} ({r.Comparison.Source})",
                    r.Comparison.Problem,
                }));
        }

        return results.All(r => r.AsClaimed) ? Program.AsClaimed : Program.NotAsClaimed;
    }

    /// <summary>One after the other, showing how far it is. A method that is named twice counts twice.</summary>
    private static TResult[] Each<T, TResult>(string what, T[] items, Func<T, string> name, bool json, Func<T, TResult> run)
    {
        var parts = items.Select((item, at) => (Item: item, Name: items.Count(i => name(i) == name(item)) > 1 ? $"{name(item)} ({at + 1})" : name(item))).ToArray();
        var work = new PartsWork(what, [.. parts.Select(p => p.Name)], 1);
        return Waiting.For(work, json, () => parts.Select(part =>
        {
            work.Start(part.Name);
            TResult result = run(part.Item);
            work.Finish(part.Name);
            return result;
        }).ToArray());
    }

    private static string UnitOf(Spending by) => Units.First(u => u.Value.Equals(by)).Key;

    private static string Cell(double? value) => value is { } v ? v.ToString("G6") : "–";

    private static Dictionary<string, double> Known(IReadOnlyDictionary<string, double?> amounts) =>
        amounts.Where(p => p.Value is not null).ToDictionary(p => p.Key, p => p.Value!.Value);

    private static Row Spend(MethodEntry method, IProblem problem, CompareArguments a, CheckContext context)
    {
        PreparedMethod prepared = RunCommand.Prepare(method, problem, a.Set);
        RunCommand.CheckConditions(method, prepared, force: false);
        Spent spent;
        try
        {
            spent = Theory.Spend.until(context, problem, prepared, 1, a.Target, a.Steps);
        }
        catch (ArgumentException error) when (error.ParamName == "problem")
        {
            throw new UsageException(error.Message);
        }

        return new Row(
            method.Name, spent.Reached, Units.ToDictionary(u => u.Key, u => Theory.Spend.amount(problem, u.Value, spent)?.Value), spent.Error);
    }
}
