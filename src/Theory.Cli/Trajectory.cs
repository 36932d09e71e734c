using System.Globalization;

namespace Theory.Cli;

/// <summary>A finished run as tables, CSV and JSON.</summary>
internal static class Trajectory
{
    private static string Text(double value) => value.ToString("R", CultureInfo.InvariantCulture);

    /// <summary>One row per recorded step and lane: measures, then counters.</summary>
    public static void WriteCsv(TextWriter writer, MethodRun run)
    {
        writer.WriteLine(string.Join(',', ["step", "lane", .. run.Measures.Select(m => $"\"{m.Name}\""), .. run.Counters.Select(c => c.Key.ToString())]));
        int lanes = run.DivergedAt.Length;
        for (int at = 0; at < run.Steps.Length; at++)
        {
            for (int lane = 0; lane < lanes; lane++)
            {
                int row = at;
                int column = lane;
                writer.WriteLine(string.Join(
                    ',',
                    [
                        run.Steps[at].ToString(CultureInfo.InvariantCulture),
                        lane.ToString(CultureInfo.InvariantCulture),
                        .. run.Measures.Select(m => Text(m.Values[row][column])),
                        .. run.Counters.Select(c => Text(c.Value[row][column])),
                    ]));
            }
        }
    }

    /// <summary>Everything recorded.</summary>
    public static object Full(MethodRun run) => new
    {
        steps = run.Steps,
        measures = run.Measures.ToDictionary(m => m.Name, m => m.Values.Select(row => row.Select(Json.Number).ToArray()).ToArray()),
        counters = run.Counters.ToDictionary(c => c.Key.ToString(), c => c.Value),
        divergedAt = run.DivergedAt.Select(d => d?.Value).ToArray(),
    };

    /// <summary>The end of a run.</summary>
    public static object Summary(string method, IProblem problem, PreparedMethod prepared, MethodRun run, bool asProved)
    {
        int last = run.Steps.Length - 1;
        return new
        {
            method,
            problem = problem.Name,
            dimension = problem.Dimension,
            constants = problem.Constants.ToDictionary(c => c.Symbol, c => c.Value),
            parameters = prepared.Parameters.ToDictionary(p => p.Item1, p => p.Item2),
            withinTheorem = asProved,
            steps = run.Steps[last],
            measures = run.Measures.ToDictionary(m => m.Name, m => Json.Number(m.Values[last].Average())),
            counters = run.Counters.ToDictionary(c => c.Key.ToString(), c => c.Value[last].Average()),
            bounds = run.Bounds.Select(b => new { name = b.Name, holds = !asProved ? (bool?)null : !Broken(b), worst = Json.Number(Worst(b)) }).ToArray(),
            divergedAt = run.DivergedAt.Select(d => d?.Value).ToArray(),
        };
    }

    /// <summary>The largest measured/bound of a bound along the run: per lane for sure bounds, of the mean for expectations.</summary>
    private static double Worst(BoundRecord b) => Ratios(b).DefaultIfEmpty(double.NaN).Max();

    private static IEnumerable<double> Ratios(BoundRecord b)
    {
        // At the start both sides are the same number.
        for (int at = 1; at < b.Measured.Length; at++)
        {
            if (b.InExpectation)
            {
                double mean = b.Measured[at].Average();
                if (mean > Noise(b, 0))
                {
                    yield return mean / b.Bound[at].Average();
                }
            }
            else
            {
                for (int lane = 0; lane < b.Measured[at].Length; lane++)
                {
                    if (b.Measured[at][lane] > Noise(b, lane))
                    {
                        yield return b.Measured[at][lane] / b.Bound[at][lane];
                    }
                }
            }
        }
    }

    /// <summary>What a converged run cannot resolve; ratios of numbers under it say nothing.</summary>
    private static double Noise(BoundRecord b, int lane) => Rounding.resolution(1e6, 1.0 + Math.Sqrt(Math.Abs(b.Bound[0][lane])));

    /// <summary>A bound that holds on every run is broken by one violation beyond rounding; a few lanes cannot break one on an expectation.</summary>
    private static bool Broken(BoundRecord b)
    {
        if (b.InExpectation)
        {
            return false;
        }

        for (int at = 0; at < b.Measured.Length; at++)
        {
            for (int lane = 0; lane < b.Measured[at].Length; lane++)
            {
                double measured = b.Measured[at][lane];
                double bound = b.Bound[at][lane];
                if (!(measured <= bound + Rounding.compared(1, at + 1, measured, bound)) && !(measured <= Noise(b, lane)))
                {
                    return true;
                }
            }
        }

        return false;
    }

    public static IEnumerable<string> Violations(MethodRun run) => run.Bounds.Where(Broken).Select(b => b.Name);

    public static void ReportBounds(MethodRun run)
    {
        foreach (BoundRecord b in run.Bounds.Where(b => b.Measured.Length > 0))
        {
            string kind = b.InExpectation ? "mean over lanes; the theorem bounds the expectation" : "on every step and lane";
            Console.WriteLine();
            Console.WriteLine($"bound {b.Name}: {(Broken(b) ? "VIOLATED" : "holds")}, largest measured/bound {Tables.Ratio(Worst(b))} ({kind})");
        }
    }

    public static void ReportDivergence(MethodRun run)
    {
        var diverged = run.DivergedAt.Select((d, lane) => (At: d?.Value, Lane: lane)).Where(d => d.At is not null).ToArray();
        foreach ((int? at, int lane) in diverged.Take(5))
        {
            Console.WriteLine($"lane {lane} diverged: a number was not finite after step {at}.");
        }

        if (diverged.Length > 5)
        {
            Console.WriteLine($"{diverged.Length} lanes diverged in all.");
        }
    }
}
