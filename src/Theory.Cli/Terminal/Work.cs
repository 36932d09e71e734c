namespace Theory.Cli;

/// <summary>Where a piece of work stands.</summary>
/// <param name="Done">Parts that are finished.</param>
/// <param name="Total">All parts; 0 when the work has no parts to count.</param>
/// <param name="Current">What is being done.</param>
/// <param name="Elapsed">Time since the start.</param>
/// <param name="Left">Time that the rest is expected to take; null where nothing tells.</param>
internal sealed record Standing(int Done, int Total, string Current, TimeSpan Elapsed, TimeSpan? Left)
{
    /// <summary>One line of at most <paramref name="width"/> columns: parts done, what is being done, time left.</summary>
    public string Line(int width)
    {
        string head = Total > 0 ? $"{Done} of {Total}" : string.Empty;
        string time = Left is { } left ? $"about {Duration(left)} left" : $"{Duration(Elapsed)} so far";
        int room = width - head.Length - time.Length - 4;
        string current = TextWidth.Of(Current) <= room ? Current : room > 4 ? TextWidth.Cut(Current, room - 1) + "…" : string.Empty;
        return string.Join("  ", new[] { head, current, time }.Where(part => part.Length > 0));
    }

    /// <summary>Whole seconds under a minute and a half, then minutes, then hours and minutes.</summary>
    public static string Duration(TimeSpan time) => time.TotalSeconds switch
    {
        <= 90 => $"{Math.Max(1, (int)Math.Ceiling(time.TotalSeconds))} s",
        <= 5400 => $"{(int)Math.Round(time.TotalMinutes)} min",
        _ => $"{(int)time.TotalHours} h {time.Minutes} min",
    };
}

/// <summary>Work that says where it stands; safe to ask from any thread.</summary>
internal interface IWork
{
    /// <summary>What is done, in one word: "verify".</summary>
    string Name { get; }

    /// <summary>Where the work stands now.</summary>
    Standing Now();
}

/// <summary>Work without parts that could be counted.</summary>
internal sealed class SingleWork(string name, string current, TimeProvider? time = null) : IWork
{
    private readonly TimeProvider clock = time ?? TimeProvider.System;

    private readonly long start = (time ?? TimeProvider.System).GetTimestamp();

    /// <inheritdoc/>
    public string Name => name;

    /// <inheritdoc/>
    public Standing Now() => new(0, 0, current, clock.GetElapsedTime(start), null);
}

/// <summary>A run of so many steps, all about as long as each other. The steps reported are those of the first lanes, so how
/// long all lanes take is estimated only when there is one.</summary>
internal sealed class StepWork(string name, int total, int lanes, TimeProvider? time = null) : IWork
{
    private readonly TimeProvider clock = time ?? TimeProvider.System;

    private readonly long start = (time ?? TimeProvider.System).GetTimestamp();

    private volatile Tuple<int, Func<string>> reached = Tuple.Create(0, () => string.Empty);

    /// <inheritdoc/>
    public string Name => name;

    /// <summary>Step <paramref name="step"/> is done; <paramref name="detail"/> says what is known there, when asked.</summary>
    public void Reach(int step, Func<string> detail) => reached = Tuple.Create(step, detail);

    /// <inheritdoc/>
    public Standing Now()
    {
        (int step, Func<string> detail) = reached;
        TimeSpan elapsed = clock.GetElapsedTime(start);
        string current = lanes > 1 && step == total ? "the other lanes" : detail();
        return new Standing(step, total, current, elapsed, lanes == 1 && step > 0 ? elapsed * ((double)(total - step) / step) : null);
    }
}
