namespace Theory.Api;

/// <summary>A claim of a paper, as data.</summary>
public sealed class ClaimInfo
{
    internal ClaimInfo(Core.Claim claim, string paper)
    {
        Paper = paper;
        Id = claim.Id;
        Kind = Cases<Core.ClaimKind, ClaimKind>.Of(claim.Kind);
        Statement = claim.Statement;
        Formula = claim.Formula;
        Assumptions = claim.Assumptions;
        Source = claim.Source;
        Erratum = Fs.Reference(claim.Erratum);
        IsStatistical = claim.Statistical;
        Falsifiers = [.. claim.FalsifierNames];
    }

    /// <summary>Key of the paper, as CE-DIANA.</summary>
    public string Paper { get; }

    /// <summary>The catalogue's key, as CE-DIANA.1.</summary>
    public string Id { get; }

    /// <summary>What kind of statement it is.</summary>
    public ClaimKind Kind { get; }

    /// <summary>One line of readable text.</summary>
    public string Statement { get; }

    /// <summary>The same in LaTeX; empty where none is given.</summary>
    public string Formula { get; }

    /// <summary>Assumptions and parameter rule.</summary>
    public string Assumptions { get; }

    /// <summary>Paper and theorem, or how it was derived.</summary>
    public string Source { get; }

    /// <summary>For a statement that fails as its paper prints it, what is wrong; null otherwise.</summary>
    public string? Erratum { get; }

    /// <summary>Whether its check samples, and so may refute by chance within its share of the error budget.</summary>
    public bool IsStatistical { get; }

    /// <summary>Names of the changes that must break it.</summary>
    public IReadOnlyList<string> Falsifiers { get; }

    /// <inheritdoc/>
    public override string ToString() => $"{Id}: {Statement}";
}
