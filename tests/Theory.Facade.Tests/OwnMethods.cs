using Theory.Api;
using Theory.Numerics;

namespace FacadeTests;

/// <summary>A quadratic made in C#, with the curvature A_ii of each coordinate.</summary>
internal sealed class Ellipsoid : Objective
{
    private readonly Matrix hessian;
    private readonly double stated;

    /// <param name="dimension">d.</param>
    /// <param name="kappa">Condition number; μ = 1.</param>
    /// <param name="seed">Chooses frame and centre.</param>
    /// <param name="stated">What L is stated to be, times the true one.</param>
    public Ellipsoid(int dimension, double kappa, int seed, double stated = 1.0)
    {
        var address = DrawAddress.Of((ulong)seed);
        double[] spectrum = [.. Enumerable.Range(0, dimension).Select(i => dimension == 1 ? kappa : Math.Pow(kappa, i / (dimension - 1.0)))];
        hessian = LinearAlgebra.FromSpectrum(LinearAlgebra.RandomOrthogonal(address, dimension), spectrum);
        this.stated = stated;
        Minimiser = Sampler.Gaussian(address.AtSite(1), 1, 1, dimension);
        StrongConvexity = spectrum[0];
        Smoothness = stated * spectrum[^1];
        Curvatures = Block.FromVector([.. Enumerable.Range(0, dimension).Select(i => hessian[i, i])]);
    }

    public override string Name => $"ellipsoid, d = {Dimension}, stated L = {Smoothness:G4} ({stated:G3} of the true one)";

    public override int Dimension => hessian.Rows;

    public override Block Minimiser { get; }

    public override double Smoothness { get; }

    public override double StrongConvexity { get; }

    /// <summary>A_11, …, A_dd.</summary>
    public Block Curvatures { get; }

    /// <summary>Σ A_ii.</summary>
    public double Trace => Curvatures.Sum()[0, 0, 0];

    public override Block Value(Block x) => 0.5 * (x - Minimiser).Dot(Gradient(x));

    public override Block Gradient(Block x) => (x - Minimiser).Apply(hessian);
}

internal sealed record Stepsize(double Length);

internal sealed record Iterate(Block X);

internal sealed record Momentum(double Gamma, double Beta);

internal sealed record Pair(Block X, Block Previous);

internal sealed record NoiseLevel(double Gamma, double Sigma);

/// <summary>Methods that the library does not have, defined in C#.</summary>
internal static class OwnMethods
{
    /// <summary>Coordinate i with probability A_ii/tr A, step 1/A_ii: Nesterov, "Efficiency of coordinate descent methods",
    /// SIAM J. Optim. 22 (2012).</summary>
    public static readonly MethodDefinition<Ellipsoid, Stepsize, Iterate, Indices> CoordinateDescent = MethodDefinition
        .Create(
            "RCD",
            "x⁺ = x − (length/A_ii)·∂_i f(x)·e_i, i with probability A_ii/tr A",
            rule: (Ellipsoid f) => new Stepsize(1.0),
            draw: (f, p) => Draws.WeightedIndex((f.Curvatures / f.Trace).ToArray()),
            init: (f, p, x0) => new Iterate(x0),
            step: (f, p, i, s) => new Iterate(s.X - p.Length * (f.Gradient(s.X).Keep(i) / f.Curvatures)),
            output: s => s.X)
        .WithConditions((f, p) => [Condition.Positive("length", p.Length), Condition.AtMost("length", p.Length, "1", 1.0)])
        .WithCost((f, p, i) => [Charge.Each(Counter.ComponentGradients, 1.0)])
        .WithFixedPoint((f, p) => new Iterate(f.Minimiser))
        .WithBounds((f, p) =>
        [
            RunBound.Linear<Iterate>("E f(x_k) − f*", s => f.Value(s.X), 1.0 - f.StrongConvexity / f.Trace, inExpectation: true),
        ]);

    /// <summary>Polyak's heavy ball.</summary>
    public static readonly MethodDefinition<Objective, Momentum, Pair, Nothing> HeavyBall = MethodDefinition
        .Create(
            "Heavy ball",
            "x⁺ = x − γ∇f(x) + β(x − x⁻)",
            rule: (Objective f) =>
            {
                double rootL = Math.Sqrt(f.Smoothness);
                double rootMu = Math.Sqrt(f.StrongConvexity);
                return new Momentum(4.0 / Math.Pow(rootL + rootMu, 2), Math.Pow((rootL - rootMu) / (rootL + rootMu), 2));
            },
            init: (f, p, x0) => new Pair(x0, x0),
            step: (f, p, s) => new Pair(s.X - p.Gamma * f.Gradient(s.X) + p.Beta * (s.X - s.Previous), s.X),
            output: s => s.X)
        .WithCost((f, p, _) => [Charge.Each(Counter.Gradients, 1.0)])
        .WithFixedPoint((f, p) => new Pair(f.Minimiser, f.Minimiser));

    /// <summary>Gradient descent with Gaussian noise, skipped half of the time: two draws at once.</summary>
    public static readonly MethodDefinition<FiniteSum, NoiseLevel, Block, (Mask First, Block Second)> NoisyLazy = MethodDefinition
        .Create(
            "Noisy lazy GD",
            "x⁺ = x − γ(∇f(x) + σξ) with probability 1/2, else x⁺ = x",
            rule: (FiniteSum f) => new NoiseLevel(1.0 / f.Smoothness, 0.1),
            draw: (f, p) => Draws.Both(Draws.Coin(0.5), Draws.Gaussian(f.Dimension)),
            init: (f, p, x0) => x0,
            step: (f, p, draw, x) => Block.Select(draw.First, x - p.Gamma * (f.Gradient(x) + p.Sigma * draw.Second), x),
            output: x => x)
        .WithCost((f, p, draw) => [Charge.When(draw.First, Counter.Gradients, 1.0)]);
}

internal sealed record EllipsoidSpec(int Dimension, double Kappa, int Seed);

/// <summary>Claims that the library does not have, defined in C#.</summary>
internal static class OwnClaims
{
    private static readonly Instances<EllipsoidSpec> Ellipsoids = Instances
        .Generated(
            random => new EllipsoidSpec(random.Integer(1, 4), random.LogUniform(1.0, 100.0), random.Seed),
            spec => spec.Dimension > 1 ? [spec with { Dimension = spec.Dimension - 1 }] : [])
        .StartingWith(new EllipsoidSpec(3, 10.0, 1));

    /// <summary>E f(x⁺) − f* ≤ (1 − μ/tr A)(f(x) − f*), attained along the eigenvector of μ.</summary>
    public static ClaimDefinition<EllipsoidSpec> Coordinates { get; } = ClaimDefinition
        .Create(
            "OWN.1", ClaimKind.Mean, "E f(x⁺) − f* ≤ (1 − μ/Σ A_ii)(f(x) − f*)", Ellipsoids, (_, spec) => Contracts(spec, 1.0, 1.0))
        .WithFormula(@"\mathbb E f(x^+) - f_* \le (1 - \mu/\mathrm{tr} A)(f(x) - f_*)")
        .WithAssumptions("f quadratic with Hessian A, μ its least eigenvalue, length 1")
        .WithSource("Nesterov 2012")
        .WithFalsifier("step 2.1/A_ii", (_, spec) => Contracts(spec, 2.1, 1.0))
        .WithFalsifier("step 1.3/A_ii", (_, spec) => Contracts(spec, 1.3, 1.0))
        .WithFalsifier("factor 1 − 1.05μ/tr A", (_, spec) => Contracts(spec, 1.0, 1.05))
        .WithTightInstance(new EllipsoidSpec(3, 10.0, 1));

    /// <summary>The same with a constant that is too good.</summary>
    public static ClaimDefinition<EllipsoidSpec> TooGood { get; } = ClaimDefinition.Create(
        "OWN.2", ClaimKind.Mean, "E f(x⁺) − f* ≤ (1 − 2μ/Σ A_ii)(f(x) − f*)", Ellipsoids, (_, spec) => Contracts(spec, 1.0, 2.0));

    private static Evidence Contracts(EllipsoidSpec spec, double length, double times)
    {
        var f = new Ellipsoid(spec.Dimension, spec.Kappa, spec.Seed);
        return Spectral.Contraction(
            OwnMethods.CoordinateDescent.Process(f, new Stepsize(length)),
            new Iterate(f.Minimiser),
            s => f.Value(s.X),
            1.0 - times * f.StrongConvexity / f.Trace);
    }
}
