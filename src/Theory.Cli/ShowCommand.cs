namespace Theory.Cli;

internal static class ShowCommand
{
    public static int Run(string key, bool json)
    {
        Paper paper = Session.Catalogue.Papers.FirstOrDefault(p => string.Equals(p.Key, key, StringComparison.OrdinalIgnoreCase))
            ?? throw Session.Unknown(Session.Catalogue, "paper", key);
        IReadOnlyDictionary<string, LastSeen.Entry> seen = LastSeen.Read();
        if (json)
        {
            Json.Print(new
            {
                paper = paper.Key,
                title = paper.Title,
                citation = paper.Citation,
                family = paper.Family,
                problem = paper.Problem,
                methods = paper.Methods.Select(m => new { name = m.Name, summary = m.Summary, needs = m.Needs }).ToArray(),
                claims = paper.Claims.Select(c => new
                {
                    id = c.Id,
                    kind = c.Kind.ToString(),
                    statement = c.Statement,
                    formula = c.Formula,
                    assumptions = c.Assumptions,
                    source = c.Source,
                    erratum = c.Erratum?.Value,
                    falsifiers = c.FalsifierNames.ToArray(),
                    lastSeen = seen.GetValueOrDefault(c.Id),
                }).ToArray(),
            });
            return Program.AsClaimed;
        }

        Console.WriteLine($"{paper.Key}  {paper.Title}");
        Console.WriteLine($"  {paper.Citation}");
        Console.WriteLine($"  problem: {paper.Problem}");
        foreach (MethodEntry m in paper.Methods)
        {
            Console.WriteLine($"  method {m.Name}: {m.Summary}");
            Console.WriteLine($"    needs {m.Needs}");
        }

        foreach (Claim c in paper.Claims)
        {
            Console.WriteLine();
            Console.WriteLine($"  claim {c.Id} ({c.Kind}){(c.Erratum is null ? string.Empty : " — erratum: must be refuted")}");
            Console.WriteLine($"    {c.Statement}");
            Line("assumptions", c.Assumptions);
            Line("source", c.Source);
            Line("what is wrong", c.Erratum?.Value ?? string.Empty);
            Line("falsifiers", string.Join("; ", c.FalsifierNames));
            Line("tightness last seen", seen.TryGetValue(c.Id, out LastSeen.Entry? e)
                ? $"{Tables.Ratio(e.Min ?? double.NaN)} … {Tables.Ratio(e.Max ?? double.NaN)} ({e.Verdict}, {e.Profile} profile, {e.When:yyyy-MM-dd})"
                : "not verified on this machine yet");
        }

        return Program.AsClaimed;
    }

    private static void Line(string name, string text)
    {
        if (text.Length > 0)
        {
            Console.WriteLine($"    {name}: {text}");
        }
    }
}
