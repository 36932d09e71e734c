namespace Theory.Api;

/// <summary>A paper of one's own: its reference, its methods, its claims. Immutable.</summary>
public sealed class PaperDefinition
{
    private PaperDefinition(
        string key,
        string title,
        string citation,
        string family,
        string problem,
        IReadOnlyList<MethodDefinition> methods,
        IReadOnlyList<ClaimDefinition> claims)
    {
        Key = key;
        Title = title;
        Citation = citation;
        Family = family;
        Problem = problem;
        Methods = methods;
        Claims = claims;
    }

    /// <summary>The key by which the paper is selected.</summary>
    public string Key { get; }

    /// <summary>Its title.</summary>
    public string Title { get; }

    /// <summary>Authors, year, venue.</summary>
    public string Citation { get; }

    /// <summary>The family that it is listed in.</summary>
    public string Family { get; }

    /// <summary>Problem class and assumptions.</summary>
    public string Problem { get; }

    /// <summary>Its methods.</summary>
    public IReadOnlyList<MethodDefinition> Methods { get; }

    /// <summary>Its claims.</summary>
    public IReadOnlyList<ClaimDefinition> Claims { get; }

    /// <summary>A paper without methods and claims yet.</summary>
    /// <exception cref="ArgumentException">Key or title is empty.</exception>
    public static PaperDefinition Create(string key, string title, string citation = "", string family = "own", string problem = "") =>
        new(Check.Text(key), Check.Text(title), Check.NotNull(citation), Check.Text(family), Check.NotNull(problem), [], []);

    /// <summary>With one more method.</summary>
    public PaperDefinition With(MethodDefinition method) =>
        new(Key, Title, Citation, Family, Problem, [.. Methods, Check.NotNull(method)], Claims);

    /// <summary>With one more claim.</summary>
    public PaperDefinition With(ClaimDefinition claim) =>
        new(Key, Title, Citation, Family, Problem, Methods, [.. Claims, Check.NotNull(claim)]);

    internal Core.Paper ToCore() => new(
        Key, Title, Citation, Family, Problem, Fs.List(Methods.Select(m => m.ToCore())), Fs.List(Claims.Select(c => c.ToCore())));
}
