namespace Theory.Api;

/// <summary>A quantity along a run: one number for each recorded step and lane.</summary>
public sealed class Series
{
    private readonly double[] values;

    internal Series(string name, IReadOnlyList<int> steps, int lanes, double[][] recorded)
    {
        Name = name;
        Steps = steps;
        Lanes = lanes;

        // Lane by lane, so that a lane is one stretch of memory.
        values = new double[lanes * recorded.Length];
        for (int k = 0; k < recorded.Length; k++)
        {
            for (int lane = 0; lane < lanes; lane++)
            {
                values[lane * recorded.Length + k] = recorded[k][lane];
            }
        }
    }

    /// <summary>What it is, in words.</summary>
    public string Name { get; }

    /// <summary>The recorded steps.</summary>
    public IReadOnlyList<int> Steps { get; }

    /// <summary>Number of lanes.</summary>
    public int Lanes { get; }

    /// <summary>The value at the last recorded step of the first lane.</summary>
    public double Last => this[Steps.Count - 1, 0];

    /// <summary>The value at a recorded step (by its place among them) and lane.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such record or lane.</exception>
    public double this[int record, int lane] => Lane(lane).Span[
        record >= 0 && record < Steps.Count
            ? record
            : throw new ArgumentOutOfRangeException(nameof(record), record, $"There are {Steps.Count} recorded steps.")];

    /// <summary>One lane, a number for each recorded step.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such lane.</exception>
    public ReadOnlyMemory<double> Lane(int lane) =>
        lane >= 0 && lane < Lanes
            ? values.AsMemory(lane * Steps.Count, Steps.Count)
            : throw new ArgumentOutOfRangeException(nameof(lane), lane, $"There are {Lanes} lanes.");

    /// <summary>The mean over the lanes, a number for each recorded step.</summary>
    public ReadOnlyMemory<double> Mean()
    {
        var mean = new double[Steps.Count];
        for (int lane = 0; lane < Lanes; lane++)
        {
            ReadOnlySpan<double> own = Lane(lane).Span;
            for (int k = 0; k < mean.Length; k++)
            {
                mean[k] += own[k] / Lanes;
            }
        }

        return mean;
    }

    /// <inheritdoc/>
    public override string ToString() => $"{Name}: {Steps.Count} records × {Lanes} lanes, last {Last:G6}";
}

/// <summary>A bound of the paper held against a run: both sides at each recorded step and lane.</summary>
/// <param name="Name">Claim and measured quantity.</param>
/// <param name="InExpectation">Whether it bounds the expectation (compare with the mean over many lanes) or every run.</param>
/// <param name="Measured">The measured side; null where the bound is on a running mean or minimum and not every step was
/// recorded.</param>
/// <param name="Bound">The bound.</param>
public sealed record BoundReport(string Name, bool InExpectation, Series? Measured, Series Bound);

/// <summary>A recorded step of a run that is under way.</summary>
/// <param name="Step">The step.</param>
/// <param name="Measures">The first lane's measures, by name.</param>
public sealed record RunProgress(int Step, IReadOnlyDictionary<string, double> Measures);

/// <summary>A finished run.</summary>
public sealed class RunReport
{
    internal RunReport(MethodSetup setup, Core.MethodRun run, int lanes)
    {
        Result = run;
        Setup = setup;
        Steps = [.. run.Steps];
        Lanes = lanes;
        Measures = [.. run.Measures.Select(m => new Series(m.Name, Steps, lanes, m.Values))];
        Counters = run.Counters.ToDictionary(
            pair => Cases<Core.Counter, Counter>.Of(pair.Key), pair => new Series(pair.Key.ToString(), Steps, lanes, pair.Value));
        Bounds =
        [
            .. run.Bounds.Select(b => new BoundReport(
                b.Name,
                b.InExpectation,
                b.Measured.Length == 0 ? null : new Series(b.Name, Steps, lanes, b.Measured),
                new Series($"bound of {b.Name}", Steps, lanes, b.Bound))),
        ];
        DivergedAt = [.. run.DivergedAt.Select(step => step?.Value)];
        Output = run.Output;
    }

    internal Core.MethodRun Result { get; }

    /// <summary>What was run: method, problem, parameters.</summary>
    public MethodSetup Setup { get; }

    /// <summary>The recorded steps; the first is 0.</summary>
    public IReadOnlyList<int> Steps { get; }

    /// <summary>Number of lanes.</summary>
    public int Lanes { get; }

    /// <summary>What was measured: for objectives f(x) − f*, ‖∇f(x)‖² and ‖x − x*‖².</summary>
    public IReadOnlyList<Series> Measures { get; }

    /// <summary>Totals of what the paper counts, after each recorded step.</summary>
    public IReadOnlyDictionary<Counter, Series> Counters { get; }

    /// <summary>The paper's bounds along this run.</summary>
    public IReadOnlyList<BoundReport> Bounds { get; }

    /// <summary>For each lane, the recorded step at which some number was first not finite; null where all are.</summary>
    public IReadOnlyList<int?> DivergedAt { get; }

    /// <summary>The method's iterate after the last step: 1 × lanes × d.</summary>
    public Block Output { get; }

    /// <summary>The measure of this name.</summary>
    /// <exception cref="ArgumentException">There is none; the message names those that there are.</exception>
    public Series Measure(string name) =>
        Measures.FirstOrDefault(m => m.Name == name)
        ?? throw new ArgumentException(
            $"'{name}' was not measured; there are {string.Join(", ", Measures.Select(m => $"'{m.Name}'"))}.", nameof(name));
}
