namespace Theory.Cli;

/// <summary>What a verification prints: the table, what there is to say of single claims, and the count. What needs attention
/// comes last, where a terminal shows it.</summary>
internal static class VerifyReport
{
    /// <summary>How much a result asks for attention: 0 as claimed (an erratum that is refuted too), 1 inconclusive, 2 a
    /// falsifier alive, 3 refuted, or an erratum that is not.</summary>
    public static int Attention(ClaimResult r) =>
        r.Verdict.IsRefuted != r.IsErratum ? 3
        : r.Falsifiers.Any(f => !f.Killed) ? 2
        : r.Verdict.IsInconclusive ? 1
        : 0;

    /// <summary>In the order of the catalogue, but with what needs attention last.</summary>
    public static IReadOnlyList<ClaimResult> Sorted(IEnumerable<ClaimResult> results) => [.. results.OrderBy(Attention)];

    public static void Print(IReadOnlyList<ClaimResult> unsorted, int asked, TimeSpan elapsed, double alpha, int statistical, string replay)
    {
        IReadOnlyList<ClaimResult> results = Sorted(unsorted);
        Tables.Print(
            ["claim", "kind", "verdict", "rung", "instances", "tightness", "falsifiers", "seconds", "statement"],
            results.Select(r => new[]
            {
                r.Claim,
                r.Kind.ToString(),
                r.Verdict + (r.IsErratum ? " (erratum)" : string.Empty),
                r.Rung?.Value.ToString() ?? "–",
                r.Instances.ToString(),
                Tables.Range(r.TightnessMin, r.TightnessMax),
                r.Falsifiers.IsEmpty ? "–" : $"{r.Falsifiers.Count(f => f.Killed)}/{r.Falsifiers.Length} killed",
                r.Seconds.ToString("0.00"),
                r.Statement,
            }),
            "statement", "seconds", "kind", "instances", "rung");

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
            Console.WriteLine($"{r.Claim}{(r.IsErratum ? ", an erratum," : string.Empty)} refuted on {found.Instance}");
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

        if (r.IsErratum && !r.Verdict.IsRefuted)
        {
            Console.WriteLine($"{r.Claim}: this erratum must be refuted and is {r.Verdict}");
        }

        foreach (FalsifierResult f in r.Falsifiers.Where(f => !f.Killed))
        {
            Console.WriteLine($"{r.Claim}: falsifier ALIVE: {f.Name}");
        }
    }
}
