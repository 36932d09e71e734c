namespace Theory.Api;

/// <summary>The rung Trajectories: statements that hold on every run, checked at every step.</summary>
public static class Trajectories
{
    /// <summary>A bound at every step from every start (one a lane), and from the worst starts that a search finds.</summary>
    public static Evidence Bound<TState, TDraw>(
        CheckContext context,
        Process<TState, TDraw> process,
        TState starts,
        int steps,
        RunBound<TState> bound,
        Relation relation = Relation.AtMost,
        int search = 20)
        where TState : class =>
        new(Core.Trajectories.bound(
            Check.NotNull(context).ToCore,
            Check.NotNull(process).ToCore,
            Check.NotNull(starts),
            Check.AtLeast(0, steps),
            Cases<Core.Relation, Relation>.Core(relation, nameof(relation)),
            Check.AtLeast(0, search),
            Check.NotNull(bound).ToCore));

    /// <summary>A statement on each transition of the runs: m(s, s⁺) against b(s), at every step of every lane.</summary>
    public static Evidence EveryStep<TState, TDraw>(
        CheckContext context,
        Process<TState, TDraw> process,
        TState starts,
        int steps,
        Func<TState, TState, Block> measure,
        Func<TState, Block> bound,
        Relation relation = Relation.AtMost)
        where TState : class =>
        new(Core.Trajectories.everyStep(
            Check.NotNull(context).ToCore,
            Check.NotNull(process).ToCore,
            Check.NotNull(starts),
            Check.AtLeast(1, steps),
            Cases<Core.Relation, Relation>.Core(relation, nameof(relation)),
            Fs.Func(Check.NotNull(measure)),
            Fs.Func(Check.NotNull(bound))));

    /// <summary>Two methods on the same draws reach the same iterates, at every step, to rounding.</summary>
    public static Evidence Same<TState, TDraw, TOther, TOtherDraw>(
        CheckContext context,
        Process<TState, TDraw> process,
        TState start,
        Func<TState, Block> output,
        Process<TOther, TOtherDraw> other,
        TOther otherStart,
        Func<TOther, Block> otherOutput,
        int steps)
        where TState : class
        where TOther : class =>
        new(Core.Trajectories.same(
            Check.NotNull(context).ToCore,
            Check.NotNull(process).ToCore,
            Check.NotNull(start),
            Fs.Func(Check.NotNull(output)),
            Check.NotNull(other).ToCore,
            Check.NotNull(otherStart),
            Fs.Func(Check.NotNull(otherOutput)),
            Check.AtLeast(0, steps)));
}

/// <summary>The rung Replicates: samples, where nothing stronger applies, with tests that stay valid whenever they are
/// looked at. A claim that uses it is <see cref="ClaimDefinition{TInstance}.AsStatistical"/>.</summary>
public static class Replicates
{
    /// <summary>A bound on the expectation of a nonnegative measure along sampled runs from one start, looked at these
    /// steps.</summary>
    public static Evidence Bound<TState, TDraw>(
        CheckContext context,
        Process<TState, TDraw> process,
        TState start,
        int replicates,
        IEnumerable<int> checkpoints,
        RunBound<TState> bound)
        where TState : class
    {
        int[] steps = Check.Items(checkpoints);
        if (steps.Length == 0)
        {
            throw new ArgumentException("At least one checkpoint is needed.", nameof(checkpoints));
        }

        Array.ForEach(steps, k => Check.AtLeast(0, k, nameof(checkpoints)));
        return new(Core.Replicates.bound(
            Check.NotNull(context).ToCore,
            Check.NotNull(process).ToCore,
            Check.NotNull(start),
            steps.Max(),
            Check.AtLeast(2, replicates),
            Fs.List(steps),
            Check.NotNull(bound).ToCore));
    }

    /// <summary>With probability at least 1 − δ the bound holds at every step: runs fail when any step violates it or
    /// when they diverge.</summary>
    public static Evidence WithProbability<TState, TDraw>(
        CheckContext context,
        Process<TState, TDraw> process,
        TState start,
        int steps,
        int replicates,
        double delta,
        RunBound<TState> bound)
        where TState : class =>
        new(Core.Replicates.withProbability(
            Check.NotNull(context).ToCore,
            Check.NotNull(process).ToCore,
            Check.NotNull(start),
            Check.AtLeast(1, steps),
            Check.AtLeast(2, replicates),
            Check.Share(delta),
            Check.NotNull(bound).ToCore));

    /// <summary>E X ≤ bound for a nonnegative X from its samples, by a betting e-process at the context's error
    /// probability.</summary>
    /// <exception cref="ArgumentException">There are no samples, or one is negative or not a number.</exception>
    public static Evidence Mean(CheckContext context, string label, IReadOnlyList<double> samples, double bound)
    {
        double[] values = Check.Items(samples);
        return values.Length > 0 && Array.TrueForAll(values, v => v >= 0.0)
            ? new(Core.Replicates.means(
                Check.NotNull(context).ToCore.Alpha, Fs.List([Tuple.Create(Check.Text(label), values, bound)])))
            : throw new ArgumentException("Samples must be given, and be nonnegative numbers.", nameof(samples));
    }

    /// <summary>P(failure) ≤ δ from independent runs, by the exact binomial test at the context's error probability.</summary>
    public static Evidence Failures(CheckContext context, string label, IReadOnlyList<bool> failed, double delta) =>
        new(Core.Replicates.failures(
            Check.NotNull(context).ToCore.Alpha, Check.Text(label), Check.Items(failed), Check.Share(delta)));
}
