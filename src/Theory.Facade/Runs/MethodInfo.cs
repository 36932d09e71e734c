namespace Theory.Api;

/// <summary>A method of a paper, ready to be put on a problem.</summary>
public sealed class MethodInfo
{
    private readonly Core.MethodEntry entry;

    internal MethodInfo(Core.MethodEntry entry, string paper)
    {
        this.entry = entry;
        Paper = paper;
    }

    internal Core.MethodEntry Entry => entry;

    /// <summary>Key of the paper.</summary>
    public string Paper { get; }

    /// <summary>The paper's own name of the method.</summary>
    public string Name => entry.Name;

    /// <summary>Paper and name: "CE-DIANA/DIANA".</summary>
    public string FullName => $"{Paper}/{Name}";

    /// <summary>What one step does, one line.</summary>
    public string Summary => entry.Summary;

    /// <summary>What it asks of a problem, in words.</summary>
    public string Needs => entry.Needs;

    /// <summary>Whether the problem offers what the method asks for.</summary>
    public bool Accepts(Problem problem) => entry.Accepts.Invoke(Check.NotNull(problem).ToCore());

    /// <summary>The method on a problem, with the parameters of the theorem's rule.</summary>
    /// <exception cref="ArgumentException">The problem does not offer what the method asks for.</exception>
    public MethodSetup On(Problem problem) => MethodSetup.Create(entry, problem);

    /// <summary>The contract that every method keeps, checked on a problem: the same inputs give the same bits, lanes do
    /// not touch each other, inputs are not mutated, the fixed point does not move, costs are declared.</summary>
    /// <exception cref="ArgumentException">The problem does not offer what the method asks for.</exception>
    public IReadOnlyList<ContractReport> CheckContract(Problem problem) => ContractReport.Of(entry, problem);

    /// <inheritdoc/>
    public override string ToString() => $"{FullName}: {Summary}";
}

/// <summary>One property that every method keeps, checked on one problem.</summary>
/// <param name="Property">The property.</param>
/// <param name="Failure">What was found instead; null when it holds.</param>
public sealed record ContractReport(string Property, string? Failure)
{
    internal static IReadOnlyList<ContractReport> Of(Core.MethodEntry entry, Problem problem)
    {
        _ = MethodSetup.Create(entry, problem);
        return
        [
            .. entry.Contract.Invoke(Core.CheckContextModule.standard).Invoke(problem.ToCore())
                .Select(c => new ContractReport(c.Property, Fs.Reference(c.Failure))),
        ];
    }
}

/// <summary>One condition of a theorem on parameters and constants, with what was found.</summary>
/// <param name="Text">The condition, with the numbers in it: "γ ≤ 1/L = 0.1, got 0.2".</param>
/// <param name="Holds">Whether it holds.</param>
public sealed record Condition(string Text, bool Holds)
{
    /// <summary>value ≤ limit, named.</summary>
    public static Condition AtMost(string symbol, double value, string limitText, double limit) =>
        Of(Core.ConditionModule.atMost(Check.Text(symbol), value, Check.Text(limitText), limit));

    /// <summary>value > 0, named.</summary>
    public static Condition Positive(string symbol, double value) => Of(Core.ConditionModule.positive(Check.Text(symbol), value));

    /// <summary>0 &lt; value ≤ 1, named.</summary>
    public static Condition Probability(string symbol, double value) =>
        Of(Core.ConditionModule.probability(Check.Text(symbol), value));

    internal static Condition Of(Core.Condition condition) => new(condition.Text, condition.Holds);

    internal Core.Condition ToCore() => new(Text, Holds);
}

/// <summary>A parameter of a method, by name.</summary>
/// <param name="Name">The paper's letter, spelled out.</param>
/// <param name="Value">Its value as text.</param>
public sealed record Parameter(string Name, string Value);
