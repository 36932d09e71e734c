namespace Theory.Api;

/// <summary>A bound along a trajectory: measured(k) relates to bound(k, scale of the start).</summary>
/// <typeparam name="TState">The method's state.</typeparam>
public sealed class RunBound<TState>
    where TState : class
{
    internal RunBound(Core.RunBound<TState> core) => ToCore = core;

    internal Core.RunBound<TState> ToCore { get; }
}

/// <summary>Makes bounds along trajectories.</summary>
public static class RunBound
{
    /// <summary>measured(k), summarised, against <paramref name="bound"/>(k, scale of the start).</summary>
    /// <param name="name">What is measured: "‖x_k − x*‖²".</param>
    /// <param name="measure">One number per lane.</param>
    /// <param name="scale">What the bound needs of the start, one number per lane.</param>
    /// <param name="bound">The bound at step k from the start's scale.</param>
    /// <param name="summary">The value at k, or the mean or minimum of the steps before.</param>
    /// <param name="inExpectation">Whether it is the expectation that is bounded, or every run.</param>
    public static RunBound<TState> Create<TState>(
        string name,
        Func<TState, Block> measure,
        Func<TState, Block> scale,
        Func<int, double, double> bound,
        Summary summary = Summary.Last,
        bool inExpectation = false)
        where TState : class => new(new Core.RunBound<TState>(
            Check.Text(name),
            Fs.Func(Check.NotNull(measure)),
            Cases<Core.Summary, Summary>.Core(summary, nameof(summary)),
            Fs.Func(Check.NotNull(scale)),
            Fs.Func(Check.NotNull(bound)),
            inExpectation));

    /// <summary>V(k) ≤ factor^k · V(0) + floor.</summary>
    /// <param name="name">What is measured.</param>
    /// <param name="lyapunov">V, one number per lane.</param>
    /// <param name="factor">The factor of one step.</param>
    /// <param name="floor">What noise leaves.</param>
    /// <param name="inExpectation">Whether it is the expectation that is bounded, or every run.</param>
    public static RunBound<TState> Linear<TState>(
        string name, Func<TState, Block> lyapunov, double factor, double floor = 0.0, bool inExpectation = false)
        where TState : class =>
        Create(name, lyapunov, lyapunov, (k, start) => Math.Pow(factor, k) * start + floor, inExpectation: inExpectation);
}
