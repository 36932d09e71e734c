using Theory.Api;
using Theory.Numerics;
using Xunit;

namespace FacadeTests;

public sealed class DefinitionTests
{
    private static readonly VerifyOptions Standard = VerifyOptions.Default;

    private static readonly Catalogue Mine = Library.With(PaperDefinition
        .Create("OWN", "Coordinates by curvature", "Nesterov 2012", "own", "quadratics")
        .With(OwnMethods.CoordinateDescent)
        .With(OwnMethods.HeavyBall)
        .With(OwnMethods.NoisyLazy)
        .With(OwnClaims.Coordinates)
        .With(OwnClaims.TooGood));

    [Fact]
    public async Task A_claim_defined_in_CSharp_is_proved_tight_and_its_falsifiers_die()
    {
        ClaimReport report = Assert.Single(await Mine.VerifyAsync(["OWN.1"], Standard));
        Assert.Equal(Verdict.Proved, report.Verdict);
        Assert.Equal(Rung.Spectral, report.Rung);
        Assert.Equal(1.0, report.Tightness!.Value, 6);
        Assert.Equal(1.0, report.SmallestTightness!.Value, 6);
        Assert.True(report.WitnessAttained);
        Assert.True(report.AsClaimed);
        Assert.Equal(["step 2.1/A_ii", "step 1.3/A_ii", "factor 1 − 1.05μ/tr A"], report.Falsifiers.Select(f => f.Name));
        Assert.All(report.Falsifiers, f => Assert.True(f.Killed, f.Name));
        ReplayReport replay = Mine.Replay(report.Falsifiers[1].Token!);
        Assert.Equal(Verdict.Refuted, replay.Verdict);
    }

    [Fact]
    public async Task A_wrong_claim_is_refuted_with_a_shrunk_counterexample_that_replays()
    {
        ClaimReport report = Assert.Single(await Mine.VerifyAsync(["OWN.2"], Standard));
        Assert.Equal(Verdict.Refuted, report.Verdict);
        Assert.False(report.AsClaimed);
        CounterexampleReport found = report.Counterexample!;
        Assert.True(found.Violation.Measured > found.Violation.Bound);
        ReplayReport replay = Mine.Replay(found.Token);
        Assert.Equal("OWN.2", replay.Claim);
        Assert.Null(replay.Falsifier);
        Assert.Equal(found.Instance, replay.Instance);
        Assert.Equal(Verdict.Refuted, replay.Verdict);
        Assert.Contains(replay.Rows, row => row == found.Violation);
        Assert.Equal("token", Assert.Throws<ArgumentException>(() => Verifier.Replay(found.Token)).ParamName);
    }

    [Fact]
    public async Task A_generated_refutation_is_shrunk()
    {
        ClaimDefinition small = ClaimDefinition.Create(
            "SMALL.1",
            ClaimKind.Sure,
            "dimensions are below 3",
            Instances.Generated(
                random => new EllipsoidSpec(random.Integer(5, 9), 2.0, 0),
                spec => [spec with { Dimension = spec.Dimension - 1 }]).WithCounts(3, 3, 3),
            (_, spec) => Evidence.OfRows(
                Rung.Trajectories, Relation.AtMost, [Evidence.Compare(Relation.AtMost, 1, 1, "d", spec.Dimension, 2.0)]));
        Catalogue mine = Library.With(PaperDefinition.Create("SMALL", "Small").With(small));
        ClaimReport report = (await mine.VerifyAsync(["SMALL"]))[0];
        Assert.Equal("""{"Dimension":3,"Kappa":2,"Seed":0}""", report.Counterexample!.Instance);
    }

    [Fact]
    public async Task An_erratum_is_as_claimed_when_it_is_refuted_and_validity_filters()
    {
        PaperDefinition paper = PaperDefinition.Create("E", "Errata")
            .With(OwnClaims.TooGood.WithErratum("the factor of 2 is a slip"))
            .With(ClaimDefinition.Create(
                "E.1",
                ClaimKind.Sure,
                "κ ≤ 2 among those with κ ≤ 2",
                Instances.Generated(random => new EllipsoidSpec(1, random.Real(1.0, 4.0), 1)).StartingWith(new EllipsoidSpec(1, 3.0, 1)),
                (_, spec) => Evidence.OfRows(
                    Rung.Trajectories, Relation.AtMost, [Evidence.Compare(Relation.AtMost, 1, 1, "κ", spec.Kappa, 2.0)]))
                .WithValidity(spec => spec.Kappa <= 2.0));
        IReadOnlyList<ClaimReport> reports = await Library.With(paper).VerifyAsync(["E"], Standard);
        Assert.True(reports[0] is { IsErratum: true, AsClaimed: true, Verdict: Verdict.Refuted });
        Assert.Equal((Verdict.Held, 6), (reports[1].Verdict, reports[1].Instances));
    }

    [Fact]
    public async Task A_validity_that_nothing_satisfies_is_inconclusive_and_no_endless_search()
    {
        PaperDefinition paper = PaperDefinition.Create("N", "None").With(OwnClaims.Coordinates.WithValidity(_ => false));
        ClaimReport report = (await Library.With(paper).VerifyAsync(["N"]))[0];
        Assert.Equal(Verdict.Inconclusive, report.Verdict);
        Assert.Contains("no instance within the claim's assumptions", report.Note, StringComparison.Ordinal);
    }

    [Fact]
    public void A_method_defined_in_CSharp_keeps_the_contract()
    {
        Assert.All(OwnMethods.CoordinateDescent.CheckContract(new Ellipsoid(3, 10.0, 2)), c => Assert.Null(c.Failure));
        Assert.All(OwnMethods.HeavyBall.CheckContract(new Ellipsoid(3, 10.0, 2)), c => Assert.Null(c.Failure));
        IReadOnlyList<ContractReport> counted = OwnMethods.HeavyBall.CheckContract(Problems.RandomQuadratics(2, 3, 10.0));
        Assert.All(counted, c => Assert.Null(c.Failure));
        Assert.Contains(counted, c => c.Property.Contains("Gradients", StringComparison.Ordinal));
        Assert.All(OwnMethods.NoisyLazy.CheckContract(Problems.RandomQuadratics(2, 3, 10.0)), c => Assert.Null(c.Failure));
    }

    [Fact]
    public void A_method_that_breaks_the_contract_is_found_out()
    {
        double hidden = 0.0;
        var impure = MethodDefinition.Create(
            "Impure",
            "a step that remembers",
            rule: (Objective f) => new Stepsize(1.0 / f.Smoothness),
            init: (f, p, x0) => x0,
            step: (f, p, x) => x - (hidden += 0.001) * f.Gradient(x),
            output: x => x)
            .WithCost((f, p, _) => [Charge.Each(Counter.Gradients, 2.0)])
            .WithFixedPoint((f, p) => f.Minimiser + Block.FromVector(1.0));
        ContractReport[] failed = [.. impure.CheckContract(Problems.Diagonal(1.0, 2.0)).Where(c => c.Failure is not null)];
        Assert.Contains(failed, c => c.Property == "same inputs, same bits");
        Assert.Contains(failed, c => c.Property == "the fixed point does not move in expectation");
        Assert.Contains(failed, c => c.Property == "declared Gradients are made");
    }

    [Fact]
    public void A_method_defined_in_CSharp_runs_as_those_of_the_library_do()
    {
        var f = new Ellipsoid(3, 10.0, 2);
        RunReport run = Mine.FindMethod("RCD").On(f).Run(RunOptions.Default.WithSteps(200).WithLanes(200));
        Assert.Equal(200.0, run.Counters[Counter.ComponentGradients].Last);
        BoundReport bound = Assert.Single(run.Bounds);
        Assert.True(bound.InExpectation);
        Assert.True(bound.Measured!.Mean().Span[50] < bound.Bound[50, 0]);
        var error = Assert.Throws<ArgumentOutOfRangeException>(() => Mine.FindMethod("RCD").On(f).With("length", 1.5).Run());
        Assert.Equal("length", error.ParamName);
        Assert.Contains("length ≤ 1", error.Message, StringComparison.Ordinal);
        Assert.Equal("problem", Assert.Throws<ArgumentException>(() => Mine.FindMethod("RCD").On(Problems.Diagonal(1.0))).ParamName);
        Assert.Contains("Ellipsoid", Mine.FindMethod("RCD").Needs, StringComparison.Ordinal);

        RunReport momentum = OwnMethods.HeavyBall.On(f).With("beta", 0.0).With("gamma", 0.05).Run();
        RunReport plain = Methods.Find("GD").On(f).With("gamma", 0.05).Run();
        Assert.Equal(plain.Measure("f(x) − f*").Last, momentum.Measure("f(x) − f*").Last, 1e-12);
    }

    [Fact]
    public void A_coin_is_charged_when_it_shows_heads()
    {
        RunReport run = OwnMethods.NoisyLazy.On(Problems.RandomQuadratics(2, 3, 10.0)).Run(RunOptions.Default.WithSteps(1000).WithLanes(2));
        double[] totals = [run.Counters[Counter.Gradients][1000, 0], run.Counters[Counter.Gradients][1000, 1]];
        Assert.All(totals, t => Assert.InRange(t, 400.0, 600.0));
        Assert.NotEqual(totals[0], totals[1]);
    }
}
