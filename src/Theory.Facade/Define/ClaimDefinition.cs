namespace Theory.Api;

/// <summary>A claim defined in C#.</summary>
public abstract class ClaimDefinition
{
    private protected ClaimDefinition(string id, ClaimKind kind, string statement)
    {
        Id = Check.Text(id);
        Kind = kind;
        Statement = Check.Text(statement);
    }

    /// <summary>The claim's key.</summary>
    public string Id { get; }

    /// <summary>What kind of statement it is.</summary>
    public ClaimKind Kind { get; }

    /// <summary>The statement, one line.</summary>
    public string Statement { get; }

    /// <summary>A claim: for every instance, the check finds no violation.</summary>
    /// <param name="id">The claim's key.</param>
    /// <param name="kind">What kind of statement it is.</param>
    /// <param name="statement">The statement, one line.</param>
    /// <param name="instances">Where instances come from; see <see cref="Instances"/>.</param>
    /// <param name="check">The evidence on one instance: a pure function, see <see cref="Spectral"/>, <see cref="Moments"/>,
    /// <see cref="Enumerated"/>, <see cref="Trajectories"/> and <see cref="Replicates"/>, strongest first.</param>
    public static ClaimDefinition<TInstance> Create<TInstance>(
        string id, ClaimKind kind, string statement, Instances<TInstance> instances, Func<CheckContext, TInstance, Evidence> check)
        where TInstance : notnull
    {
        _ = Cases<Core.ClaimKind, ClaimKind>.Core(kind, nameof(kind));
        return new(id, kind, statement, new(Check.NotNull(instances), Check.NotNull(check)));
    }

    internal abstract Core.Claim ToCore();
}

/// <summary>A claim defined in C#, about instances of one type. Immutable; completed by the With… members.</summary>
/// <typeparam name="TInstance">The instance: a record that survives JSON.</typeparam>
public sealed class ClaimDefinition<TInstance> : ClaimDefinition
    where TInstance : notnull
{
    private readonly ClaimParts<TInstance> parts;

    internal ClaimDefinition(string id, ClaimKind kind, string statement, ClaimParts<TInstance> parts)
        : base(id, kind, statement) => this.parts = parts;

    /// <summary>With the statement in LaTeX.</summary>
    public ClaimDefinition<TInstance> WithFormula(string latex) => With(parts with { Formula = Check.Text(latex) });

    /// <summary>With assumptions and parameter rule in words.</summary>
    public ClaimDefinition<TInstance> WithAssumptions(string assumptions) =>
        With(parts with { Assumptions = Check.Text(assumptions) });

    /// <summary>With paper and theorem, or how it was derived.</summary>
    public ClaimDefinition<TInstance> WithSource(string source) => With(parts with { Source = Check.Text(source) });

    /// <summary>A statement that is known to fail as it is printed: what is wrong. Its verdict must be Refuted.</summary>
    public ClaimDefinition<TInstance> WithErratum(string erratum) => With(parts with { Erratum = Check.Text(erratum) });

    /// <summary>Its check samples: it may refute by chance, within its share of the error budget.</summary>
    public ClaimDefinition<TInstance> AsStatistical() => With(parts with { Statistical = true });

    /// <summary>With the claim's assumptions as a predicate; other instances are not checked.</summary>
    public ClaimDefinition<TInstance> WithValidity(Func<TInstance, bool> valid) =>
        With(parts with { Valid = Check.NotNull(valid) });

    /// <summary>With a smallest change that must break the claim.</summary>
    /// <param name="name">The change, in words: "stepsize doubled".</param>
    /// <param name="check">The changed check.</param>
    /// <param name="instances">Instances on which the change is known to bite; the claim's own follow.</param>
    /// <exception cref="ArgumentException">There is a falsifier of this name.</exception>
    public ClaimDefinition<TInstance> WithFalsifier(
        string name, Func<CheckContext, TInstance, Evidence> check, params IEnumerable<TInstance> instances)
    {
        TInstance[] known = Instances.Replayable(Check.Items(instances));
        return parts.Falsifiers.Any(f => f.Name == Check.Text(name))
            ? throw new ArgumentException($"{Id} already has a falsifier '{name}'.", nameof(name))
            : With(parts with { Falsifiers = [.. parts.Falsifiers, (Check.Text(name), Check.NotNull(check), known)] });
    }

    /// <summary>With an instance on which the bound is attained, to at least this ratio.</summary>
    public ClaimDefinition<TInstance> WithTightInstance(TInstance instance, double atLeast = 0.999999)
    {
        _ = Instances.Replayable([instance]);
        return With(parts with { Tight = new Core.Witness<TInstance>(instance, Check.Finite(atLeast)) });
    }

    /// <summary>The evidence on one instance, by hand.</summary>
    /// <param name="instance">The instance.</param>
    /// <param name="context">Seed and profile; <see cref="CheckContext.Default"/> when null.</param>
    public Evidence Evaluate(TInstance instance, CheckContext? context = null) =>
        Check.Returned(parts.Check(context ?? CheckContext.Default, instance), Id, "the check");

    internal override Core.Claim ToCore() => parts.ToCore(this);

    private ClaimDefinition<TInstance> With(ClaimParts<TInstance> changed) => new(Id, Kind, Statement, changed);
}

/// <summary>The parts of a claim defined in C#, and the library's claim made of them.</summary>
internal sealed record ClaimParts<T>(Instances<T> Instances, Func<CheckContext, T, Evidence> Check)
    where T : notnull
{
    public string Formula { get; init; } = "";

    public string Assumptions { get; init; } = "";

    public string Source { get; init; } = "";

    public string? Erratum { get; init; }

    public bool Statistical { get; init; }

    public Func<T, bool> Valid { get; init; } = _ => true;

    public IReadOnlyList<(string Name, Func<CheckContext, T, Evidence> Check, T[] Instances)> Falsifiers { get; init; } = [];

    public Core.Witness<T>? Tight { get; init; }

    public Core.Claim ToCore(ClaimDefinition claim)
    {
        Microsoft.FSharp.Core.FSharpFunc<Core.CheckContext, Microsoft.FSharp.Core.FSharpFunc<T, Core.Evidence>> Checked(
            string name, Func<CheckContext, T, Evidence> check) =>
            Fs.Func((Core.CheckContext context, T instance) =>
                Api.Check.Returned(check(new CheckContext(context), instance), name, "the check").ToCore);

        return Core.ClaimModule.create(new Core.ClaimSpec<T>(
            claim.Id,
            Cases<Core.ClaimKind, ClaimKind>.Core(claim.Kind, nameof(claim)),
            claim.Statement,
            Formula,
            Assumptions,
            Source,
            Fs.Option(Erratum),
            Statistical,
            Instances.ToCore(),
            Fs.Func(Valid),
            Checked(claim.Id, Check),
            Fs.List(Falsifiers.Select(f =>
                new Core.Falsifier<T>(f.Name, Checked($"{claim.Id}, falsifier '{f.Name}'", f.Check), Fs.List(f.Instances)))),
            Fs.Option(Tight)));
    }
}
