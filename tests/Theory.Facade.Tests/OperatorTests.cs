using Theory.Api;
using Theory.Numerics;
using Xunit;

namespace FacadeTests;

/// <summary>Operators and problems of no known kind, made in C#.</summary>
public sealed class OperatorTests
{
    private static readonly MethodDefinition<FiniteSumOperator, Stepsize, Iterate, Indices> Stochastic = MethodDefinition
        .Create(
            "SGDA",
            "z⁺ = z − length·F_i(z)",
            rule: (FiniteSumOperator f) => new Stepsize(f.Monotonicity / Math.Pow(f.Lipschitz, 2)),
            draw: (f, p) => Draws.Index(f.Count),
            init: (f, p, z0) => new Iterate(z0),
            step: (f, p, i, s) => new Iterate(s.X - p.Length * f.EvaluateAt(i, s.X)),
            output: s => s.X)
        .WithCost((f, p, i) => [Charge.Each(Counter.ComponentCalls, 1.0)])
        .WithFixedPoint((f, p) => new Iterate(f.Solution));

    private static readonly MethodDefinition<Operator, Stepsize, Iterate, Nothing> Extragradient = MethodDefinition
        .Create(
            "EG",
            "y = z − γF(z); z⁺ = z − γF(y)",
            rule: (Operator f) => new Stepsize(0.5 / f.Lipschitz),
            init: (f, p, z0) => new Iterate(z0),
            step: (f, p, s) => new Iterate(s.X - p.Length * f.Evaluate(s.X - p.Length * f.Evaluate(s.X))),
            output: s => s.X)
        .WithCost((f, p, _) => [Charge.Each(Counter.OperatorCalls, 2.0)])
        .WithFixedPoint((f, p) => new Iterate(f.Solution));

    [Fact]
    public void An_operator_of_ones_own_runs_and_its_constants_are_checked()
    {
        var f = new Rotations([1.0, -3.0, 5.0]);
        Assert.All(f.Constants, c => Assert.True(c.TryCheck(out string? failure), failure));
        Assert.Contains(new Rotations([1.0, 2.0], stated: 0.5).Constants, c => !c.TryCheck(out _));
        RunReport run = Extragradient.On(f).Run(RunOptions.Default.WithSteps(200));
        Assert.True(run.Measure("‖z − z*‖²").Last < 1e-15);
        Assert.True(run.Measure("‖F(z)‖²").Last < 1e-15);
        Assert.Equal(400.0, run.Counters[Counter.OperatorCalls].Last);
        Assert.All(Extragradient.CheckContract(f), c => Assert.Null(c.Failure));
    }

    [Fact]
    public void A_sum_of_operators_is_counted_by_its_components()
    {
        var f = new Rotations([1.0, -3.0, 5.0]);
        IReadOnlyList<ContractReport> contract = Stochastic.CheckContract(f);
        Assert.All(contract, c => Assert.Null(c.Failure));
        Assert.Contains(contract, c => c.Property == "declared ComponentCalls are made");
        Process<Iterate, Indices> process = Stochastic.Process(f);
        Evidence contracts = Spectral.Contraction(
            process, new Iterate(f.Solution), s => (s.X - f.Solution).NormSquared(), 1.0 - Math.Pow(f.Monotonicity / f.Lipschitz, 2));
        Assert.Equal(Verdict.Proved, contracts.Verdict);
    }

    [Fact]
    public void A_problem_of_another_kind_serves_methods_that_ask_for_it()
    {
        var chain = new Chain();
        var walk = MethodDefinition.Create(
            "Walk",
            "x⁺ = Px",
            rule: (Chain c) => new Stepsize(1.0),
            init: (c, p, x0) => x0,
            step: (c, p, x) => x.Apply(c.Transition),
            output: x => x);
        RunReport run = walk.On(chain).Run(RunOptions.Default.WithStart(1.0, 0.0).WithSteps(50));
        Assert.Empty(run.Measures);
        Assert.Equal(2.0 / 3.0, run.Output[0, 0, 0], 10);
        Assert.All(walk.CheckContract(chain), c => Assert.Null(c.Failure));
        Assert.DoesNotContain(Methods.All, m => m.Accepts(chain));
        var refused = Assert.Throws<ArgumentException>(() => walk.On(Problems.Diagonal(1.0, 2.0)));
        Assert.Contains("a problem of class Chain", refused.Message, StringComparison.Ordinal);
    }

    /// <summary>F_i(z) = z + ω_i Jz with J the rotation of the plane by a right angle.</summary>
    private sealed class Rotations(double[] speeds, double stated = 1.0) : FiniteSumOperator
    {
        private readonly Matrix[] maps = [.. speeds.Select(w => new Matrix(2, 2, [1.0, w, -w, 1.0]))];

        public override string Name => "rotations";

        public override int Dimension => 2;

        public override int Count => speeds.Length;

        public override Block Solution => Block.FromVector(0.0, 0.0);

        public override double Lipschitz => stated * Math.Sqrt(1.0 + speeds.Max(w => w * w));

        public override double Monotonicity => 1.0;

        public override Block EvaluateAll(Block z) => z.Apply(maps);
    }

    private sealed class Chain : Problem
    {
        public override string Name => "two states";

        public override int Dimension => 2;

        public Matrix Transition { get; } = new(2, 2, [0.8, 0.4, 0.2, 0.6]);
    }
}
