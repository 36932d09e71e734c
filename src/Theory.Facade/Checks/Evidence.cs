namespace Theory.Api;

/// <summary>What a check found on one instance.</summary>
public sealed class Evidence
{
    internal Evidence(Core.Evidence core) => ToCore = core;

    /// <summary>The rung that it stands on.</summary>
    public Rung Rung => Cases<Core.Rung, Rung>.Of(ToCore.Rung);

    /// <summary>What it says by itself of the claim on this instance.</summary>
    public Verdict Verdict => Cases<Core.Verdict, Verdict>.Of(Core.EvidenceModule.verdict(ToCore));

    /// <summary>The first comparison that failed; null when none did.</summary>
    public Comparison? Violation => Fs.Reference(ToCore.Violation) is { } row ? Comparison.Of(row) : null;

    /// <summary>Why nothing can be said; null when something can.</summary>
    public string? Undecided => Fs.Reference(ToCore.Undecided);

    /// <summary>Largest measured/bound, 1 where the bound is attained; null where there is none.</summary>
    public double? Tightness => double.IsNaN(ToCore.Tightness) ? null : ToCore.Tightness;

    /// <summary>Both sides, comparison by comparison.</summary>
    public IReadOnlyList<Comparison> Rows => [.. ToCore.Rows.Value.Select(Comparison.Of)];

    /// <summary>What else is worth saying; empty when nothing is.</summary>
    public string Note => ToCore.Note;

    internal Core.Evidence ToCore { get; }

    /// <summary>A comparison with the library's allowance for dimension × steps operations: no check has a tolerance of
    /// its own.</summary>
    public static Comparison Compare(Relation relation, int dimension, int steps, string label, double measured, double bound) =>
        Comparison.Of(Core.EvidenceModule.row(
            Cases<Core.Relation, Relation>.Core(relation, nameof(relation)),
            Check.AtLeast(1, dimension),
            Check.AtLeast(0, steps),
            Check.Text(label),
            measured,
            bound));

    /// <summary>Evidence from comparisons.</summary>
    public static Evidence OfRows(Rung rung, Relation relation, IEnumerable<Comparison> rows) =>
        new(Core.EvidenceModule.ofRows(
            Cases<Core.Rung, Rung>.Core(rung, nameof(rung)),
            Cases<Core.Relation, Relation>.Core(relation, nameof(relation)),
            Fs.List(Check.Items(rows).Select(r => r.ToCore()))));

    /// <summary>Nothing can be said, and why.</summary>
    public static Evidence Nothing(Rung rung, string reason) =>
        new(Core.EvidenceModule.undecided(Cases<Core.Rung, Rung>.Core(rung, nameof(rung)), Check.Text(reason)));

    /// <summary>Several pieces of evidence for one claim on one instance: all must hold; the weakest rung counts.</summary>
    public static Evidence All(params IEnumerable<Evidence> pieces)
    {
        Evidence[] items = Check.Items(pieces);
        return items.Length > 0
            ? new(Core.EvidenceModule.all(Fs.List(items.Select(e => e.ToCore))))
            : throw new ArgumentException("At least one piece of evidence is needed.", nameof(pieces));
    }

    /// <summary>The same evidence with a remark.</summary>
    public Evidence WithNote(string note) => new(Core.EvidenceModule.note(Check.NotNull(note), ToCore));

    /// <inheritdoc/>
    public override string ToString() =>
        $"{Verdict} ({Rung}){(Tightness is { } t ? $", tightness {t:G6}" : "")}"
        + $"{(Violation is { } v ? $", violated: {v.Label}: {v.Measured:G6} against {v.Bound:G6}" : "")}";
}
