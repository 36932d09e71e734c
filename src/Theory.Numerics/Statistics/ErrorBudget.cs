using System.Globalization;

namespace Theory.Numerics;

/// <summary>
/// A probability of error that is divided among named uses and never exceeded: by the union bound, all tests that spend
/// from one budget err together with at most its total. Safe to use from several threads; what a use may spend is decided
/// by whoever names it, not by the order of arrival.
/// </summary>
public sealed class ErrorBudget
{
    /// <summary>Room for rounding in sums of equal shares; no test's level depends on it beyond its last digits.</summary>
    private const double Slack = 1e-12;

    private readonly Lock gate = new();
    private readonly Dictionary<string, double> entries = [];
    private readonly List<string> order = [];
    private double spent;

    /// <summary>A budget of the given total.</summary>
    /// <param name="name">What the budget is for; errors name it.</param>
    /// <param name="total">The probability of any error, in (0, 1).</param>
    public ErrorBudget(string name, double total)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        if (!(total > 0.0 && total < 1.0))
        {
            throw new ArgumentOutOfRangeException(nameof(total), total, "An error probability lies in (0, 1).");
        }

        Name = name;
        Total = total;
    }

    /// <summary>What the budget is for.</summary>
    public string Name { get; }

    /// <summary>The probability of any error.</summary>
    public double Total { get; }

    /// <summary>What has been spent or handed to shares.</summary>
    public double Spent
    {
        get
        {
            lock (gate)
            {
                return spent;
            }
        }
    }

    /// <summary>What is left.</summary>
    public double Remaining => Math.Max(0.0, Total - Spent);

    /// <summary>Every use and share with its amount, in the order of arrival.</summary>
    public IReadOnlyList<KeyValuePair<string, double>> Entries
    {
        get
        {
            lock (gate)
            {
                return [.. order.Select(name => KeyValuePair.Create(name, entries[name]))];
            }
        }
    }

    /// <summary>Spends <paramref name="amount"/> on one test and returns it, the level of the test.</summary>
    /// <exception cref="InvalidOperationException">The budget does not have as much left.</exception>
    /// <exception cref="ArgumentException">The name was used before.</exception>
    public double Spend(string name, double amount)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        if (!(amount > 0.0 && amount < 1.0))
        {
            throw new ArgumentOutOfRangeException(nameof(amount), amount, "An error probability lies in (0, 1).");
        }

        lock (gate)
        {
            if (entries.ContainsKey(name))
            {
                throw new ArgumentException($"The error budget '{Name}' already has an entry '{name}'.", nameof(name));
            }

            if (spent + amount > Total * (1.0 + Slack))
            {
                throw new InvalidOperationException(string.Create(
                    CultureInfo.InvariantCulture,
                    $"The error budget '{Name}' of {Total:g6} has {Math.Max(0.0, Total - spent):g6} left; '{name}' asks for {amount:g6}."));
            }

            spent += amount;
            entries.Add(name, amount);
            order.Add(name);
        }

        return amount;
    }

    /// <summary>A budget of its own for <paramref name="name"/>, taken out of this one.</summary>
    public ErrorBudget Share(string name, double amount) => new($"{Name}/{name}", Spend(name, amount));

    /// <summary>
    /// Takes <paramref name="amount"/> out for <paramref name="name"/> and divides it evenly into
    /// <paramref name="parts"/> budgets, called name[0], name[1], ….
    /// </summary>
    public IReadOnlyList<ErrorBudget> Split(string name, int parts, double amount)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(parts, 1);
        double each = Spend(name, amount) / parts;
        return [.. Enumerable.Range(0, parts).Select(i => new ErrorBudget($"{Name}/{name}[{i}]", each))];
    }

    /// <summary>Divides everything that is left evenly into <paramref name="parts"/> budgets, called name[0], name[1], ….</summary>
    /// <exception cref="InvalidOperationException">Nothing is left.</exception>
    public IReadOnlyList<ErrorBudget> Split(string name, int parts)
    {
        double rest = Remaining;
        return rest > 0.0
            ? Split(name, parts, rest)
            : throw new InvalidOperationException($"The error budget '{Name}' has nothing left to split for '{name}'.");
    }

    /// <inheritdoc/>
    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"{Name}: {Spent:g6} of {Total:g6} spent");
}
