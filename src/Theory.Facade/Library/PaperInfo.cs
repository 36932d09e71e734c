namespace Theory.Api;

/// <summary>A paper: its reference, its methods, its claims.</summary>
public sealed class PaperInfo
{
    internal PaperInfo(Core.Paper paper)
    {
        Key = paper.Key;
        Title = paper.Title;
        Citation = paper.Citation;
        Family = paper.Family;
        Problem = paper.Problem;
        Methods = [.. paper.Methods.Select(m => new MethodInfo(m, paper.Key))];
        Claims = [.. paper.Claims.Select(c => new ClaimInfo(c, paper.Key))];
    }

    /// <summary>The catalogue's key, as CE-DIANA.</summary>
    public string Key { get; }

    /// <summary>Title of the paper.</summary>
    public string Title { get; }

    /// <summary>Authors, year, venue.</summary>
    public string Citation { get; }

    /// <summary>Family, as communication-efficient.</summary>
    public string Family { get; }

    /// <summary>Problem class and assumptions.</summary>
    public string Problem { get; }

    /// <summary>What the paper's methods are.</summary>
    public IReadOnlyList<MethodInfo> Methods { get; }

    /// <summary>What the paper claims.</summary>
    public IReadOnlyList<ClaimInfo> Claims { get; }

    /// <inheritdoc/>
    public override string ToString() => $"{Key}: {Title}";
}
