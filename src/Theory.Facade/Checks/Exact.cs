using Microsoft.FSharp.Core;

namespace Theory.Api;

/// <summary>The rung Spectral: when the step is affine in the state for each outcome and both sides are quadratic, a
/// one-step inequality holds for every state at once iff a matrix inequality does; the worst ratio over all states is a
/// generalized eigenvalue. Where that does not apply, the evidence is inconclusive and says why.</summary>
public static class Spectral
{
    /// <summary>E V(s⁺) ≤ ρ V(s) + noise for every state s.</summary>
    /// <param name="process">The method on a problem.</param>
    /// <param name="centre">The state around which coordinates are taken: the solution.</param>
    /// <param name="lyapunov">V, one number per lane.</param>
    /// <param name="rho">The factor ρ.</param>
    /// <param name="noise">What one step adds.</param>
    /// <param name="keeps">Linear quantities that stay zero (Σ h_i, say), to which states are restricted; none when null.</param>
    public static Evidence Contraction<TState, TDraw>(
        Process<TState, TDraw> process,
        TState centre,
        Func<TState, Block> lyapunov,
        double rho,
        double noise = 0.0,
        Func<TState, Block>? keeps = null)
        where TState : class =>
        new(Core.Spectral.contraction(
            Check.NotNull(process).ToCore,
            Check.NotNull(centre),
            Fs.Option(keeps is null ? null : Fs.Func(keeps)),
            Fs.Func(Check.NotNull(lyapunov)),
            rho,
            noise));

    /// <summary>E m(s⁺) against b(s) for every state s.</summary>
    /// <param name="process">The method on a problem.</param>
    /// <param name="centre">The state around which coordinates are taken: the solution.</param>
    /// <param name="measure">m, on the next state.</param>
    /// <param name="bound">b, on the present state.</param>
    /// <param name="relation">How the two relate.</param>
    /// <param name="keeps">Linear quantities that stay zero; none when null.</param>
    /// <param name="matchMoments">Whether draws may be replaced by finitely many outcomes of the same mean and
    /// covariance: exact when the step is affine in the outcome too.</param>
    public static Evidence OneStep<TState, TDraw>(
        Process<TState, TDraw> process,
        TState centre,
        Func<TState, Block> measure,
        Func<TState, Block> bound,
        Relation relation = Relation.AtMost,
        Func<TState, Block>? keeps = null,
        bool matchMoments = false)
        where TState : class =>
        new(Core.Spectral.oneStep(new Core.Spectral.OneStep<TState, TDraw>(
            Check.NotNull(process).ToCore,
            Check.NotNull(centre),
            Fs.Option(keeps is null ? null : Fs.Func(keeps)),
            Fs.Func(Check.NotNull(measure)),
            Fs.Func(Check.NotNull(bound)),
            Cases<Core.Relation, Relation>.Core(relation, nameof(relation)),
            matchMoments)));
}

/// <summary>The rung Moments: the exact mean and covariance of the whole trajectory of a step that is affine in the
/// state.</summary>
public static class Moments
{
    /// <summary>A bound on expectations of a quadratic measure along the trajectory, exactly, from each lane of
    /// <paramref name="starts"/>.</summary>
    public static Evidence Bound<TState, TDraw>(
        Process<TState, TDraw> process,
        TState centre,
        TState starts,
        int steps,
        RunBound<TState> bound,
        Relation relation = Relation.AtMost)
        where TState : class =>
        new(Core.Moments.bound(
            Check.NotNull(process).ToCore,
            Check.NotNull(centre),
            Check.NotNull(starts),
            Check.AtLeast(0, steps),
            Cases<Core.Relation, Relation>.Core(relation, nameof(relation)),
            Check.NotNull(bound).ToCore));

    /// <summary>E m(s_k) for k = 0 … steps of a quadratic measure, from one start.</summary>
    /// <exception cref="InvalidOperationException">The step is not affine, the measure not quadratic, or the first two
    /// moments of the draws are not known; the message says which.</exception>
    public static ReadOnlyMemory<double> Series<TState, TDraw>(
        Process<TState, TDraw> process, TState centre, TState start, int steps, Func<TState, Block> measure)
        where TState : class
    {
        FSharpResult<double[][], string> result = Core.Moments.series(
            Check.NotNull(process).ToCore,
            Check.NotNull(centre),
            Check.NotNull(start),
            Check.AtLeast(0, steps),
            Fs.List([Fs.Func(Check.NotNull(measure))]));
        return result.IsOk ? result.ResultValue[0] : throw new InvalidOperationException(result.ErrorValue);
    }
}

/// <summary>The rung Enumerated: exact expectations over every outcome.</summary>
public static class Enumerated
{
    /// <summary>E m(s, s⁺) against b(s), at the given states and at the worst ones that a search finds.</summary>
    /// <param name="context">The check's context.</param>
    /// <param name="process">The method on a problem.</param>
    /// <param name="states">States to check, one a lane.</param>
    /// <param name="measure">m, of the present and the next state.</param>
    /// <param name="bound">b, on the present state.</param>
    /// <param name="relation">How the two relate.</param>
    /// <param name="search">Rounds of the search for the worst state; 0 for none.</param>
    /// <param name="keep">Projects a moved state to those that the claim allows; every state when null.</param>
    public static Evidence OneStep<TState, TDraw>(
        CheckContext context,
        Process<TState, TDraw> process,
        TState states,
        Func<TState, TState, Block> measure,
        Func<TState, Block> bound,
        Relation relation = Relation.AtMost,
        int search = 20,
        Func<TState, TState>? keep = null)
        where TState : class =>
        new(Core.Enumerated.oneStep(
            Check.NotNull(context).ToCore,
            new Core.Enumerated.OneStep<TState, TDraw>(
                Check.NotNull(process).ToCore,
                Check.NotNull(states),
                Fs.Func(Check.NotNull(measure)),
                Fs.Func(Check.NotNull(bound)),
                Cases<Core.Relation, Relation>.Core(relation, nameof(relation)),
                Fs.Func(keep ?? (s => s)),
                Check.AtLeast(0, search))));

    /// <summary>E m(s, s⁺) over every outcome, one number per lane of the states.</summary>
    /// <exception cref="InvalidOperationException">The law of the draws is not finite.</exception>
    public static ReadOnlyMemory<double> Expectation<TState, TDraw>(
        Process<TState, TDraw> process, TState states, Func<TState, TState, Block> measure)
        where TState : class =>
        Core.Enumerated.expectation(Check.NotNull(process).ToCore, Fs.Func(Check.NotNull(measure)), Check.NotNull(states));

    /// <summary>E m(s_k) for k = 0 … steps over the whole tree of outcomes, from a start of one lane.</summary>
    /// <exception cref="InvalidOperationException">The law is not finite, or the tree has more than 200,000 leaves.</exception>
    public static ReadOnlyMemory<double> Series<TState, TDraw>(
        Process<TState, TDraw> process, TState start, int steps, Func<TState, Block> measure)
        where TState : class =>
        Core.Enumerated.series(
            Check.NotNull(process).ToCore, Check.NotNull(start), Check.AtLeast(0, steps), Fs.Func(Check.NotNull(measure)));
}
