namespace Theory.Api;

/// <summary>One comparison of a check.</summary>
/// <param name="Label">Where: the step, the start.</param>
/// <param name="Measured">The measured side.</param>
/// <param name="Bound">The bound.</param>
/// <param name="Holds">Whether it holds within the library's rounding allowance.</param>
public sealed record Comparison(string Label, double Measured, double Bound, bool Holds)
{
    internal static Comparison Of(Core.Row row) => new(row.Label, row.Measured, row.Bound, row.Holds);

    internal Core.Row ToCore() => new(Label, Measured, Bound, Holds);
}

/// <summary>How a falsifier fared.</summary>
/// <param name="Name">The change, in words.</param>
/// <param name="Killed">Whether the changed claim was refuted, as it must be.</param>
/// <param name="Token">Replays the violation that killed it; null when it survived.</param>
public sealed record FalsifierReport(string Name, bool Killed, string? Token);

/// <summary>A refutation, shrunk and replayable.</summary>
/// <param name="Instance">The instance as JSON.</param>
/// <param name="Violation">Where it fails, and by how much.</param>
/// <param name="Note">What else is known: the worst start, say.</param>
/// <param name="Token">Replays it; see <see cref="Verifier.Replay"/>.</param>
public sealed record CounterexampleReport(string Instance, Comparison Violation, string Note, string Token);

/// <summary>What verification found of one claim.</summary>
public sealed class ClaimReport
{
    internal ClaimReport(Core.ClaimResult result)
    {
        Result = result;
        Claim = result.Claim;
        Paper = result.Paper;
        Kind = Cases<Core.ClaimKind, ClaimKind>.Of(result.Kind);
        Statement = result.Statement;
        Verdict = Cases<Core.Verdict, Verdict>.Of(result.Verdict);
        Rung = result.Rung is { } rung ? Cases<Core.Rung, Rung>.Of(rung.Value) : null;
        Instances = result.Instances;
        Comparisons = result.Cases;
        IsErratum = result.IsErratum;
        SmallestTightness = double.IsNaN(result.TightnessMin) ? null : result.TightnessMin;
        Tightness = double.IsNaN(result.TightnessMax) ? null : result.TightnessMax;
        Falsifiers = [.. result.Falsifiers.Select(f => new FalsifierReport(f.Name, f.Killed, Fs.Reference(f.Token)))];
        Counterexample = Fs.Reference(result.Counterexample) is { } c
            ? new CounterexampleReport(c.Instance, Comparison.Of(c.Violation), c.Note, c.Token)
            : null;
        WitnessAttained = Fs.Value(result.WitnessAttained);
        AsClaimed = result.AsClaimed;
        Note = result.Note;
        Elapsed = TimeSpan.FromSeconds(result.Seconds);
    }

    /// <summary>The claim's key, as CE-DIANA.1.</summary>
    public string Claim { get; }

    /// <summary>The paper's key, as CE-DIANA.</summary>
    public string Paper { get; }

    internal Core.ClaimResult Result { get; }

    /// <summary>What kind of statement it is.</summary>
    public ClaimKind Kind { get; }

    /// <summary>The statement, one line.</summary>
    public string Statement { get; }

    /// <summary>What was found.</summary>
    public Verdict Verdict { get; }

    /// <summary>The weakest rung that the instances stand on; null when nothing was checked.</summary>
    public Rung? Rung { get; }

    /// <summary>Instances checked.</summary>
    public int Instances { get; }

    /// <summary>Comparisons made.</summary>
    public int Comparisons { get; }

    /// <summary>Whether the statement is known to fail as its paper prints it; its verdict must then be Refuted.</summary>
    public bool IsErratum { get; }

    /// <summary>Largest measured/bound over the instances, 1 where the bound is attained; null where there is none.</summary>
    public double? Tightness { get; }

    /// <summary>The same ratio on the instance where the bound is loosest.</summary>
    public double? SmallestTightness { get; }

    /// <summary>The changes that must break the claim, and whether they did.</summary>
    public IReadOnlyList<FalsifierReport> Falsifiers { get; }

    /// <summary>The counterexample of a refuted claim; null otherwise.</summary>
    public CounterexampleReport? Counterexample { get; }

    /// <summary>Whether the instance that makes the bound tight did; null where none is known.</summary>
    public bool? WitnessAttained { get; }

    /// <summary>The verdict is the one that the catalogue claims, and no falsifier survived.</summary>
    public bool AsClaimed { get; }

    /// <summary>What else is worth saying; empty when nothing is.</summary>
    public string Note { get; }

    /// <summary>How long it took.</summary>
    public TimeSpan Elapsed { get; }

    /// <inheritdoc/>
    public override string ToString() =>
        $"{Claim}: {Verdict}{(Rung is { } r ? $" ({r})" : "")}{(Tightness is { } t ? $", tightness {t:G6}" : "")}"
        + $", falsifiers killed {Falsifiers.Count(f => f.Killed)}/{Falsifiers.Count}";
}

/// <summary>What a token replays.</summary>
public sealed class ReplayReport
{
    internal ReplayReport(Core.Replayed replayed)
    {
        Claim = replayed.Claim;
        Falsifier = Fs.Reference(replayed.Falsifier);
        Instance = replayed.Instance;
        Rows = [.. replayed.Rows.Select(Comparison.Of)];
        Verdict = Cases<Core.Verdict, Verdict>.Of(replayed.Verdict);
        Note = replayed.Note;
    }

    /// <summary>The claim's key.</summary>
    public string Claim { get; }

    /// <summary>The falsifier whose violation it is; null for the claim's own.</summary>
    public string? Falsifier { get; }

    /// <summary>The instance as JSON.</summary>
    public string Instance { get; }

    /// <summary>Both sides, comparison by comparison.</summary>
    public IReadOnlyList<Comparison> Rows { get; }

    /// <summary>What the check finds on this instance.</summary>
    public Verdict Verdict { get; }

    /// <summary>What else is worth saying; empty when nothing is.</summary>
    public string Note { get; }
}
