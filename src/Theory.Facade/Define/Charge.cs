namespace Theory.Api;

/// <summary>One line of the account of a step: what the paper counts.</summary>
public sealed class Charge
{
    private Charge(Core.Charge core) => ToCore = core;

    internal Core.Charge ToCore { get; }

    /// <summary>The same amount for every lane.</summary>
    public static Charge Each(Counter counter, double amount) =>
        new(Core.ChargeModule.each(Cases<Core.Counter, Counter>.Core(counter, nameof(counter)), Check.Finite(amount)));

    /// <summary>The amount in the lanes whose coin is true.</summary>
    public static Charge When(Mask coin, Counter counter, double amount) =>
        new(Core.ChargeModule.whenHeads(
            Cases<Core.Counter, Counter>.Core(counter, nameof(counter)), Check.Finite(amount), Check.NotNull(coin)));
}
