using Spectre.Console;

namespace Theory.Cli;

/// <summary>A paper with all its claims, or one claim.</summary>
internal static class ShowCommand
{
    private const int LabelWidth = 13;

    public static int Run(string key, bool json)
    {
        (Paper paper, IReadOnlyList<Claim> claims) = Find(key);
        IReadOnlyDictionary<string, LastSeen.Entry> seen = LastSeen.Read();
        if (json)
        {
            Json.Print(AsJson(paper, claims, seen));
            return Program.AsClaimed;
        }

        IAnsiConsole console = Terminal.Out;
        Heading(console, $"{paper.Key}: {paper.Title}");
        Line("citation", paper.Citation);
        if (claims.Count == paper.Claims.Length)
        {
            Line("problem", paper.Problem);
            foreach (MethodEntry m in paper.Methods)
            {
                Console.WriteLine();
                Heading(console, $"method {m.Name}");
                Formulas("step", m.Summary);
                Line("needs", m.Needs);
            }
        }

        foreach (Claim claim in claims)
        {
            Console.WriteLine();
            Heading(console, $"{claim.Id} ({claim.Kind}{(claim.Erratum is null ? string.Empty : ", erratum: must be refuted")})");
            Formulas("claims", claim.Statement);
            Formulas("assumes", claim.Assumptions);
            Line("source", claim.Source);
            Line("what is wrong", claim.Erratum?.Value ?? string.Empty);
            Lines("falsifiers", [.. claim.FalsifierNames.SelectMany(f => Formula.Words(f, Room, 2))]);
            Line("tightness", seen.TryGetValue(claim.Id, out LastSeen.Entry? e)
                ? $"{Tables.Range(e.Min ?? double.NaN, e.Max ?? double.NaN)} ({e.Verdict}, {e.Profile} profile, {e.When:yyyy-MM-dd})"
                : "not verified on this machine yet");
        }

        return Program.AsClaimed;
    }

    private static int Room => Terminal.Width - LabelWidth - 3;

    /// <summary>The paper and the claims of it that a key names.</summary>
    private static (Paper Paper, IReadOnlyList<Claim> Claims) Find(string key)
    {
        bool Same(string name) => string.Equals(name, key, StringComparison.OrdinalIgnoreCase);
        if (Session.Catalogue.Papers.FirstOrDefault(p => Same(p.Key)) is { } paper)
        {
            return (paper, [.. paper.Claims]);
        }

        return Session.Catalogue.Claims.FirstOrDefault(c => Same(c.Item2.Id)) is { } found
            ? (found.Item1, [found.Item2])
            : throw Session.Unknown(Session.Catalogue, "paper or claim", key);
    }

    private static object AsJson(Paper paper, IReadOnlyList<Claim> claims, IReadOnlyDictionary<string, LastSeen.Entry> seen) => new
    {
        paper = paper.Key,
        title = paper.Title,
        citation = paper.Citation,
        family = paper.Family,
        problem = paper.Problem,
        methods = paper.Methods.Select(m => new { name = m.Name, summary = m.Summary, needs = m.Needs }).ToArray(),
        claims = claims.Select(c => new
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
    };

    private static void Heading(IAnsiConsole console, string text)
    {
        foreach (string line in Formula.Words(text, Terminal.Width - 1, 2))
        {
            if (Terminal.OutIsRich && Terminal.IsColoured)
            {
                console.Write(new Markup($"[bold]{Markup.Escape(line)}[/]\n"));
            }
            else
            {
                Console.WriteLine(line);
            }
        }
    }

    private static void Formulas(string label, string text) => Lines(label, Formula.Lines(text, Room));

    private static void Line(string label, string text) => Lines(label, text.Length == 0 ? [] : [.. Formula.Words(text, Room)]);

    /// <summary>The label, and the lines beside it in their own column.</summary>
    private static void Lines(string label, IReadOnlyList<string> lines)
    {
        for (int at = 0; at < lines.Count; at++)
        {
            Console.WriteLine($"  {TextWidth.Pad(at == 0 ? label : string.Empty, LabelWidth)} {lines[at]}");
        }
    }
}
