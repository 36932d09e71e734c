namespace Theory.Api;

/// <summary>Numbers from which a claim's instance is made: a pure function of its seed, so that an instance can be made
/// again. Each call gives the next number.</summary>
public sealed class InstanceGenerator
{
    private int calls;

    /// <summary>The generator of a seed.</summary>
    public InstanceGenerator(int seed) => Seed = seed;

    /// <summary>Its seed; fit to be the seed of a random instance too.</summary>
    public int Seed { get; }

    /// <summary>A uniform integer between the two, both included.</summary>
    public int Integer(int low, int high)
    {
        return high < low
            ? throw new ArgumentOutOfRangeException(nameof(high), high, $"The upper end must be at least {low}.")
            : (int)Math.Min(high, low + Math.Floor(Next() * ((double)high - low + 1.0)));
    }

    /// <summary>A uniform number between the two.</summary>
    public double Real(double low, double high)
    {
        _ = Check.Finite(low);
        return Check.Finite(high) >= low
            ? low + (high - low) * Next()
            : throw new ArgumentOutOfRangeException(nameof(high), high, $"The upper end must be at least {low}.");
    }

    /// <summary>A number between the two whose logarithm is uniform: for condition numbers and scales.</summary>
    public double LogUniform(double low, double high) => low > 0.0
        ? Math.Exp(Real(Math.Log(low), Math.Log(high)))
        : throw new ArgumentOutOfRangeException(nameof(low), low, "The lower end must be positive.");

    /// <summary>One of the items.</summary>
    public T Choose<T>(params IReadOnlyList<T> items) => Check.NotNull(items).Count > 0
        ? items[Integer(0, items.Count - 1)]
        : throw new ArgumentException("There is nothing to choose from.", nameof(items));

    /// <summary>True or false, evenly.</summary>
    public bool Flip() => Next() < 0.5;

    private double Next() => Sampler.Uniform(new DrawAddress((uint)Seed, 0x696e7374, calls++, 0, 0), 1, 1, 1)[0, 0, 0];
}
