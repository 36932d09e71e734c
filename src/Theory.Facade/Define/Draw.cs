namespace Theory.Api;

/// <summary>Nothing drawn: the outcome of a deterministic method.</summary>
public readonly record struct Nothing;

/// <summary>What a method draws each step, as a value: its law, not its outcome. The step receives the outcome; the
/// library samples it, or runs every outcome with its probability, or replays one.</summary>
/// <typeparam name="T">The outcome: indices, coins, a block, or a tuple of them.</typeparam>
public sealed class Draw<T>
{
    internal Draw(Core.Draw<T> core) => ToCore = core;

    /// <summary>Number of outcomes of the law; infinite when it is not finite.</summary>
    public double Count => ToCore.Count;

    internal Core.Draw<T> ToCore { get; }

    /// <summary>Every outcome (of one lane) with its probability.</summary>
    /// <exception cref="InvalidOperationException">The law is not finite.</exception>
    public IReadOnlyList<(double Probability, T Outcome)> Outcomes() => [.. ToCore.Outcomes.Select(o => (o.Probability, o.Outcome))];

    /// <summary>The outcomes of <paramref name="lanes"/> lanes at an address: the same numbers whenever they are asked for.</summary>
    public T Sample(DrawAddress address, int lanes) => ToCore.Sample(address, Check.AtLeast(1, lanes));

    /// <summary>The outcome seen through a function.</summary>
    public Draw<TResult> Select<TResult>(Func<T, TResult> selector) =>
        new(Core.Draw.map(Fs.Func(Check.NotNull(selector)), ToCore));
}
