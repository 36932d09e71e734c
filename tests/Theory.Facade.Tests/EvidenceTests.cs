using Theory.Api;
using Theory.Numerics;
using Xunit;

namespace FacadeTests;

/// <summary>Each rung from C#: what holds is accepted, and a bound of 0.99 times the truth is refuted.</summary>
public sealed class EvidenceTests
{
    private static readonly Ellipsoid F = new(3, 10.0, 2);
    private static readonly Process<Iterate, Indices> Rcd = OwnMethods.CoordinateDescent.Process(F);
    private static readonly Iterate Centre = new(F.Minimiser);
    private static readonly Iterate Start = new(Block.FromVector(1.0, -2.0, 3.0));
    private static readonly double Rho = 1.0 - F.StrongConvexity / F.Trace;

    [Fact]
    public void Spectral_says_when_it_does_not_apply()
    {
        Evidence evidence = Spectral.Contraction(Rcd, Centre, s => (s.X - F.Minimiser).Norm(), Rho);
        Assert.Equal(Verdict.Inconclusive, evidence.Verdict);
        Assert.Contains("not quadratic", evidence.Undecided, StringComparison.Ordinal);
    }

    [Fact]
    public void Spectral_one_step_equalities_hold_for_every_state()
    {
        Evidence OneStep(double half) => Spectral.OneStep(
            Rcd, Centre, s => F.Value(s.X), s => F.Value(s.X) - half / F.Trace * F.Gradient(s.X).NormSquared(), Relation.Equal);
        Assert.Equal(Verdict.Proved, OneStep(0.5).Verdict);
        Assert.Equal(Verdict.Refuted, OneStep(0.51).Verdict);
    }

    [Fact]
    public void Moments_bound_the_whole_trajectory()
    {
        RunBound<Iterate> Bound(double rho) => RunBound.Linear<Iterate>("f", s => F.Value(s.X), rho, inExpectation: true);
        Evidence held = Moments.Bound(Rcd, Centre, Start, 40, Bound(Rho));
        Assert.Equal((Verdict.Exhausted, Rung.Moments), (held.Verdict, held.Rung));
        Assert.Equal(Verdict.Refuted, Moments.Bound(Rcd, Centre, Start, 40, Bound(0.9 * Rho)).Verdict);
        double[] exact = Enumerated.Series(Rcd, Start, 4, s => F.Value(s.X)).ToArray();
        double[] moments = Moments.Series(Rcd, Centre, Start, 4, s => F.Value(s.X)).ToArray();
        Assert.Equal(5, exact.Length);
        Assert.All(exact.Zip(moments), pair => Assert.Equal(pair.First, pair.Second, 1e-9 * exact[0]));
        Assert.Throws<InvalidOperationException>(() => Moments.Series(Rcd, Centre, Start, 4, s => s.X.Norm()));
    }

    [Fact]
    public void Enumerated_steps_search_for_the_worst_state()
    {
        Iterate states = new(CheckContext.Default.GaussianStarts(6, 3));
        Evidence OneStep(double rho, int search) => Enumerated.OneStep(
            CheckContext.Default, Rcd, states, (_, next) => F.Value(next.X), s => rho * F.Value(s.X), search: search);
        Assert.Equal((Verdict.Exhausted, Rung.Enumerated), (OneStep(Rho, 20).Verdict, OneStep(Rho, 20).Rung));
        Assert.Equal(Verdict.Refuted, OneStep(0.95 * Rho, 200).Verdict);
        ReadOnlyMemory<double> expected = Enumerated.Expectation(Rcd, states, (s, next) => F.Value(s.X) - F.Value(next.X));
        Assert.Equal(6, expected.Length);
        Assert.All(expected.ToArray(), decrease => Assert.True(decrease > 0.0));
    }

    [Fact]
    public void Trajectories_hold_on_every_run()
    {
        Iterate states = new(CheckContext.Default.GaussianStarts(4, 3, 2.0));
        RunBound<Iterate> Bound(double factor) => RunBound.Create<Iterate>(
            "f decreases", s => F.Value(s.X), s => F.Value(s.X), (_, start) => factor * start);
        Evidence held = Trajectories.Bound(CheckContext.Default, Rcd, states, 20, Bound(1.0), search: 3);
        Assert.Equal((Verdict.Held, Rung.Trajectories), (held.Verdict, held.Rung));
        Assert.Equal(Verdict.Refuted, Trajectories.Bound(CheckContext.Default, Rcd, states, 20, Bound(0.99)).Verdict);
        Evidence steps = Trajectories.EveryStep(
            CheckContext.Default, Rcd, states, 20, (_, next) => F.Value(next.X), s => F.Value(s.X));
        Assert.Equal(Verdict.Held, steps.Verdict);
    }

    [Fact]
    public void Two_methods_that_are_one_are_the_same()
    {
        Process<Pair, Nothing> Ball(double beta) => OwnMethods.HeavyBall.Process(F, new Momentum(0.05, beta));
        var plain = MethodDefinition.Create(
            "GD", "x⁺ = x − length·∇f(x)", (Objective f) => new Stepsize(0.05), (f, p, x0) => x0, (f, p, x) => x - p.Length * f.Gradient(x), x => x);
        Evidence Same(double beta) => Trajectories.Same(
            CheckContext.Default, Ball(beta), new Pair(Start.X, Start.X), s => s.X, plain.Process(F), Start.X, x => x, 30);
        Assert.Equal(Verdict.Held, Same(0.0).Verdict);
        Assert.Equal(Verdict.Refuted, Same(0.01).Verdict);
    }

    /// <summary>H0: the bound holds. A true one is refuted with probability at most 1e-4 (the default context's); seeds are
    /// fixed, so each outcome is the same every time.</summary>
    [Fact]
    public void Replicates_refute_by_their_error_probability()
    {
        RunBound<Iterate> Bound(double rho) => RunBound.Linear<Iterate>("f", s => F.Value(s.X), rho, inExpectation: true);
        Evidence consistent = Replicates.Bound(CheckContext.Default, Rcd, Start, 400, [5, 10], Bound(Rho));
        Assert.Equal((Verdict.Consistent, Rung.Replicates), (consistent.Verdict, consistent.Rung));
        Assert.Equal(Verdict.Refuted, Replicates.Bound(CheckContext.Default, Rcd, Start, 400, [5, 10], Bound(0.5 * Rho)).Verdict);
        Assert.Equal(Verdict.Consistent, Replicates.WithProbability(CheckContext.Default, Rcd, Start, 5, 300, 0.5, Bound(1.0)).Verdict);
        Assert.Equal(Verdict.Refuted, Replicates.WithProbability(CheckContext.Default, Rcd, Start, 5, 300, 0.1, Bound(0.5)).Verdict);
        Assert.Equal(Verdict.Refuted, Replicates.Mean(CheckContext.Default, "ones", [.. Enumerable.Repeat(1.0, 200)], 0.5).Verdict);
        Assert.Equal(Verdict.Refuted, Replicates.Failures(CheckContext.Default, "all", [.. Enumerable.Repeat(true, 50)], 0.1).Verdict);
    }

    [Fact]
    public void Pieces_of_evidence_join_at_the_weakest_rung()
    {
        Evidence strong = Spectral.Contraction(Rcd, Centre, s => F.Value(s.X), Rho);
        Evidence rows = Evidence.OfRows(
            Rung.Trajectories, Relation.AtMost, [Evidence.Compare(Relation.AtMost, 1, 1, "half", 0.5, 1.0)]).WithNote("by hand");
        Evidence all = Evidence.All(strong, rows);
        Assert.Equal((Rung.Trajectories, Verdict.Held), (all.Rung, all.Verdict));
        Assert.Contains("by hand", all.Note, StringComparison.Ordinal);
        Assert.Equal(1.0, all.Tightness!.Value, 6);
        Evidence broken = Evidence.All(strong, Evidence.OfRows(
            Rung.Trajectories, Relation.Equal, [Evidence.Compare(Relation.Equal, 1, 1, "twice", 2.0, 1.0)]));
        Assert.Equal(new Comparison("twice", 2.0, 1.0, false), broken.Violation);
        Assert.Equal(Verdict.Inconclusive, Evidence.All(strong, Evidence.Nothing(Rung.Moments, "no moments")).Verdict);
    }

    [Fact]
    public void A_claim_is_evaluated_by_hand()
    {
        Evidence evidence = OwnClaims.Coordinates.Evaluate(new EllipsoidSpec(2, 5.0, 9));
        Assert.Equal(Verdict.Proved, evidence.Verdict);
        Assert.NotEmpty(evidence.Rows);
        Assert.Equal(2, CheckContext.Default.Pick(1, 2, 3));
    }
}
