using Theory.Api;
using Theory.Numerics;

foreach (PaperInfo paper in Library.Papers)
    Console.WriteLine($"{paper.Key}: {paper.Title}, {paper.Claims.Count} claims");
foreach (ClaimReport report in await Verifier.VerifyAsync(["CE-DIANA.1"], VerifyOptions.Default.WithSeed(7)))
    Console.WriteLine(report);

FiniteSum problem = Problems.Quadratic(new[,] { { 3.0, 1.0 }, { 1.0, 2.0 } }, [1.0, -1.0]);
RunReport run = Methods.Find("GD").On(problem).With("gamma", 0.3).Run(RunOptions.Default.WithSteps(50));
Console.WriteLine(run.Measure("‖x − x*‖²"));

// A method of one's own: a gradient step of length 1/L with probability 1/2, else none.
var lazy = MethodDefinition.Create("Lazy GD", "x⁺ = x − γ∇f(x) with probability p, else x⁺ = x",
    rule: (Objective f) => new Gains(1.0 / f.Smoothness, 0.5),
    draw: (f, p) => Draws.Coin(p.P),
    init: (f, p, x0) => x0,
    step: (f, p, coin, x) => Block.Select(coin, x - p.Gamma * f.Gradient(x), x),
    output: x => x);
Evidence Contracts(Objective f, double factor) =>
    Spectral.Contraction(lazy.Process(f), f.Minimiser, x => (x - f.Minimiser).NormSquared(), factor);
var claim = ClaimDefinition.Create("LAZY.1", ClaimKind.Mean, "E‖x⁺−x*‖² ≤ (1 − p + p(1−μ/L)²)‖x−x*‖²",
        Instances.Generated(random => new Spec(random.LogUniform(1.0, 100.0))),
        (context, spec) => Contracts(Problems.Diagonal(1.0, spec.Kappa), 0.5 + 0.5 * Math.Pow(1.0 - 1.0 / spec.Kappa, 2)))
    .WithFalsifier("always a step", (context, spec) => Contracts(Problems.Diagonal(1.0, spec.Kappa), Math.Pow(1.0 - 1.0 / spec.Kappa, 2)));
Catalogue mine = Library.With(PaperDefinition.Create("LAZY", "Lazy gradient descent").With(lazy).With(claim));
Console.WriteLine((await mine.VerifyAsync(["LAZY"]))[0]);

internal sealed record Gains(double Gamma, double P);
internal sealed record Spec(double Kappa);
