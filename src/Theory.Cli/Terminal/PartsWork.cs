namespace Theory.Cli;

/// <summary>Parts of different length, several at a time: claims of a verification, methods of a comparison.</summary>
/// <param name="name">What is done to the parts.</param>
/// <param name="parts">Their names, each once.</param>
/// <param name="threads">How many are done at a time.</param>
/// <param name="seconds">How long parts took before, where it is known.</param>
/// <param name="time">The clock; the system's when omitted.</param>
internal sealed class PartsWork(
    string name, IEnumerable<string> parts, int threads, IReadOnlyDictionary<string, double>? seconds = null, TimeProvider? time = null) : IWork
{
    private readonly TimeProvider clock = time ?? TimeProvider.System;

    private readonly long start = (time ?? TimeProvider.System).GetTimestamp();

    private readonly IReadOnlyDictionary<string, double> before = seconds ?? new Dictionary<string, double>();

    private readonly HashSet<string> waiting = [.. parts];

    private readonly int total = parts.Count();

    private readonly Dictionary<string, long> running = [];

    private readonly Lock gate = new();

    private int done;

    /// <summary>Seconds of all finished parts; and, over those whose length was known, seconds now and before.</summary>
    private (double All, double Now, double Before) spent;

    /// <inheritdoc/>
    public string Name => name;

    /// <summary>A part begins.</summary>
    public void Start(string part)
    {
        lock (gate)
        {
            waiting.Remove(part);
            running[part] = clock.GetTimestamp();
        }
    }

    /// <summary>A part is finished.</summary>
    public void Finish(string part)
    {
        lock (gate)
        {
            double took = running.Remove(part, out long since) ? clock.GetElapsedTime(since).TotalSeconds : 0.0;
            done++;
            spent.All += took;
            if (before.TryGetValue(part, out double known))
            {
                spent.Now += took;
                spent.Before += known;
            }
        }
    }

    /// <inheritdoc/>
    public Standing Now()
    {
        lock (gate)
        {
            TimeSpan elapsed = clock.GetElapsedTime(start);
            return new Standing(done, total, string.Join(", ", running.Keys), elapsed, Left());
        }
    }

    /// <summary>The rest spread over the threads, but no less than its longest part. Null when nothing tells how long a part
    /// takes, or when all that runs is already longer than expected and nothing waits.</summary>
    private TimeSpan? Left()
    {
        double[] rest = [.. waiting.Select(Expected), .. running.Select(r => Expected(r.Key) - clock.GetElapsedTime(r.Value).TotalSeconds)];
        if (rest.Length == 0 || rest.Any(double.IsNaN) || (waiting.Count == 0 && rest.All(r => r < 0.0)))
        {
            return null;
        }

        double positive = rest.Sum(r => Math.Max(r, 0.0));
        return TimeSpan.FromSeconds(Math.Max(positive / Math.Max(1, threads), rest.Max()));
    }

    /// <summary>Seconds that a part is expected to take: what it took before at today's pace, else the mean of the parts
    /// finished, else the mean of what is known from before; NaN where there is none of these.</summary>
    private double Expected(string part)
    {
        // A pace read off less than a tenth of a second would be noise.
        double pace = spent.Before > 0.1 ? spent.Now / spent.Before : 1.0;
        return before.TryGetValue(part, out double known) ? known * pace
            : done > 0 ? spent.All / done
            : before.Count > 0 ? before.Values.Average() * pace
            : double.NaN;
    }
}
