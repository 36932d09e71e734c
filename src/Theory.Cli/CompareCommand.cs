namespace Theory.Cli;

internal sealed record CompareArguments(
    string[] Methods,
    string Problem,
    string? Data,
    int Workers,
    double? Lambda,
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
    private sealed record Row(string Method, bool Reached, int Steps, double? Rounds, double? Gradients, double? Bits, double? Seconds, double Error);

    public static int Run(CompareArguments a, CancellationToken cancellation)
    {
        RunCommand.RequireAtLeast("--steps", a.Steps, 1);
        if (!(a.Target > 0.0))
        {
            throw new UsageException($"--target must be positive, got {a.Target}.");
        }

        MethodEntry[] methods = [.. a.Methods.Select(Session.Method)];
        IProblem problem = Inputs.Problem(a.Problem, a.Data, a.Workers, a.Lambda);
        CheckContext context = Session.Context(a.Seed, a.Threads, a.Engine, cancellation);
        Row[] rows = [.. methods.Select(m => Spend(m, problem, a, context)).OrderBy(r => (!r.Reached, Key(r, a.By) ?? double.MaxValue))];
        if (a.Json)
        {
            Json.Print(rows);
            return Program.AsClaimed;
        }

        Console.WriteLine($"{problem.Name}: until the squared distance to the solution is {a.Target:G3} of the start's, by {a.By}");
        Tables.Print(
            ["method", "reached", "steps", "rounds", "gradients", "uplink bits", "seconds (simulated)", "error reached"],
            rows.Select(r => new[]
            {
                r.Method, r.Reached ? "yes" : "no", r.Steps.ToString(), Cell(r.Rounds), Cell(r.Gradients), Cell(r.Bits), Cell(r.Seconds), Tables.Number(r.Error),
            }));
        return Program.AsClaimed;
    }

    private static string Cell(double? value) => value is { } v ? v.ToString("G6") : "–";

    private static double? Key(Row row, string by) => by switch
    {
        "gradients" => row.Gradients,
        "bits" => row.Bits,
        "time" => row.Seconds,
        _ => row.Rounds,
    };

    /// <summary>Runs one method in doubling stretches until the target is reached or the steps are spent.</summary>
    private static Row Spend(MethodEntry method, IProblem problem, CompareArguments a, CheckContext context)
    {
        PreparedMethod prepared = RunCommand.Prepare(method, problem, a.Set);
        RunCommand.CheckConditions(method, prepared, force: false);
        int steps = Math.Min(64, a.Steps);
        while (true)
        {
            MethodRun run = prepared.Run.Invoke(context).Invoke(new RunRequest(steps, 1, 1, null, null));
            Recorded distance = run.Measures.FirstOrDefault(m => m.Name.StartsWith('‖') && m.Name.Contains('*'))
                ?? throw new UsageException($"{problem.Name} has no known solution, so no distance to compare by.");
            int at = Array.FindIndex(distance.Values, v => v[0] <= a.Target * distance.Values[0][0]);
            if (at >= 0 || steps == a.Steps)
            {
                int end = at >= 0 ? at : run.Steps.Length - 1;
                double? Total(params Counter[] counters)
                {
                    double[] found = [.. counters.Where(run.Counters.ContainsKey).Select(c => run.Counters[c][end][0])];
                    return found.Length == 0 ? null : found.Sum();
                }

                double relative = distance.Values[end][0] / distance.Values[0][0];
                return new Row(
                    method.Name,
                    at >= 0,
                    run.Steps[end],
                    // A method that names no rounds communicates in every step.
                    Total(Counter.Rounds) ?? run.Steps[end],
                    Gradients(run, problem, end),
                    Total(Counter.UplinkBits),
                    Total(Counter.Seconds),
                    relative);
            }

            steps = (int)Math.Min((long)steps * 2, a.Steps);
        }
    }

    /// <summary>Gradient calls in units of full gradients: a component counts 1/n.</summary>
    private static double? Gradients(MethodRun run, IProblem problem, int end)
    {
        double n = problem is IFiniteSum sum ? sum.Count : problem is IFiniteSumOperator op ? op.Count : 1;
        double total = 0.0;
        bool any = false;
        foreach ((Counter counter, double unit) in new[]
        {
            (Counter.Gradients, 1.0), (Counter.OperatorCalls, 1.0), (Counter.ComponentGradients, 1.0 / n), (Counter.ComponentCalls, 1.0 / n),
        })
        {
            if (run.Counters.TryGetValue(counter, out double[][]? series))
            {
                total += unit * series[end][0];
                any = true;
            }
        }

        return any ? total : null;
    }
}
