namespace Theory.Numerics;

/// <summary>
/// Drawn indices as data: for each worker and lane, <see cref="Count"/> integers in [0, Bound). A subset is stored in
/// increasing order, a permutation has Count = Bound.
/// </summary>
public sealed class Indices
{
    private readonly int[] values;

    /// <summary>Takes ownership of <paramref name="values"/>, laid out workers × lanes × count.</summary>
    /// <exception cref="ArgumentException">The length does not fit, or an index lies outside [0, bound).</exception>
    public Indices(int workers, int lanes, int count, int bound, int[] values)
    {
        if (values.Length != workers * lanes * count)
        {
            throw new ArgumentException($"{values.Length} indices do not fill {workers}×{lanes}×{count}.", nameof(values));
        }

        foreach (int value in values)
        {
            if ((uint)value >= (uint)bound)
            {
                throw new ArgumentException($"Index {value} lies outside [0, {bound}).", nameof(values));
            }
        }

        Workers = workers;
        Lanes = lanes;
        Count = count;
        Bound = bound;
        this.values = values;
    }

    /// <summary>Number of workers; 1 stretches over all.</summary>
    public int Workers { get; }

    /// <summary>Number of lanes; 1 stretches over all.</summary>
    public int Lanes { get; }

    /// <summary>Indices per worker and lane.</summary>
    public int Count { get; }

    /// <summary>Indices lie in [0, Bound).</summary>
    public int Bound { get; }

    /// <summary>All indices, workers × lanes × count.</summary>
    public ReadOnlySpan<int> Values => values;

    /// <summary>The indices of one worker and lane (an extent of 1 stretches).</summary>
    public ReadOnlySpan<int> At(int worker, int lane) =>
        values.AsSpan(((Workers == 1 ? 0 : worker) * Lanes + (Lanes == 1 ? 0 : lane)) * Count, Count);

    /// <summary>The same list for every lane.</summary>
    public static Indices Constant(int bound, params int[] list) => new(1, 1, list.Length, bound, list);
}

/// <summary>Drawn coins as data: one boolean for each worker and lane; an extent of 1 stretches over all.</summary>
public sealed class Mask
{
    private readonly bool[] values;

    /// <summary>Takes ownership of <paramref name="values"/>, laid out workers × lanes.</summary>
    /// <exception cref="ArgumentException">The length does not fit.</exception>
    public Mask(int workers, int lanes, bool[] values)
    {
        if (values.Length != workers * lanes)
        {
            throw new ArgumentException($"{values.Length} coins do not fill {workers}×{lanes}.", nameof(values));
        }

        Workers = workers;
        Lanes = lanes;
        this.values = values;
    }

    /// <summary>Number of workers.</summary>
    public int Workers { get; }

    /// <summary>Number of lanes.</summary>
    public int Lanes { get; }

    /// <summary>All coins, workers × lanes.</summary>
    public ReadOnlySpan<bool> Values => values;

    /// <summary>The coin of one worker and lane (an extent of 1 stretches).</summary>
    public bool this[int worker, int lane] => values[(Workers == 1 ? 0 : worker) * Lanes + (Lanes == 1 ? 0 : lane)];

    /// <summary>The same coin for every worker and lane.</summary>
    public static Mask Constant(bool value) => new(1, 1, [value]);
}
