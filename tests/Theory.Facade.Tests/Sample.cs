using Theory.Api;
using Theory.Numerics;

foreach (PaperInfo paper in Library.Papers)
    Console.WriteLine($"{paper.Key}: {paper.Title}, {paper.Claims.Count} claims");
foreach (ClaimReport report in await Verifier.VerifyAsync(["CE-DIANA.1"], VerifyOptions.Default.WithSeed(7)))
    Console.WriteLine(report);

FiniteSum problem = Problems.Quadratic(new[,] { { 3.0, 1.0 }, { 1.0, 2.0 } }, [1.0, -1.0]);
RunReport run = Methods.Find("GD").On(problem).With("gamma", 0.3).Run(RunOptions.Default.WithSteps(50));
Console.WriteLine(run.Measure("‖x − x*‖²"));

// A method of one's own (a gradient step with probability p, else none), and what it claims.
var lazy = MethodDefinition.Create("Lazy GD", "x⁺ = x − γ∇f(x) with probability p, else x⁺ = x",
    rule: (Objective f) => new Gains(1.0 / f.Smoothness, 0.5),
    draw: (f, p) => Draws.Coin(p.P),
    init: (f, p, x0) => x0,
    step: (f, p, coin, x) => Block.Select(coin, x - p.Gamma * f.Gradient(x), x),
    output: x => x);
Evidence Contracts(Objective f, double p) => Spectral.Contraction(lazy.Process(f), f.Minimiser,
    x => (x - f.Minimiser).NormSquared(), 1.0 - p + p * Math.Pow(1.0 - f.StrongConvexity / f.Smoothness, 2));
var claim = ClaimDefinition.Create("LAZY.1", ClaimKind.Mean, "E‖x⁺−x*‖² ≤ (1 − p + p(1−μ/L)²)‖x−x*‖²",
        Instances.Generated(random => random.LogUniform(1.0, 100.0)),
        (_, kappa) => Contracts(Problems.Diagonal(1.0, kappa), 0.5))
    .WithFalsifier("the factor of p = 0.55", (_, kappa) => Contracts(Problems.Diagonal(1.0, kappa), 0.55));
Catalogue mine = Library.With(PaperDefinition.Create("LAZY", "Lazy gradient descent").With(lazy).With(claim));
Console.WriteLine((await mine.VerifyAsync(["LAZY"]))[0]);

internal sealed record Gains(double Gamma, double P);
