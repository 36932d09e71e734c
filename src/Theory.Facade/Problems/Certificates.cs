namespace Theory.Api;

/// <summary>Certificates of problems made in C#: what the class says of its constants is held against differences of
/// gradients at sampled points, which can refute a constant but never replaces it.</summary>
internal static class Certificates
{
    private const int Pairs = 64;

    public static IReadOnlyList<CertifiedConstant> Of(Objective f) =>
    [
        .. Lipschitz(f.Gradient, "∇f", f.Minimiser, f.Smoothness, f.StrongConvexity),
        Vanishes("∇f at x*", f.Gradient, f.Minimiser, f.Smoothness),
    ];

    public static IReadOnlyList<CertifiedConstant> Of(FiniteSum f) =>
    [
        .. Of((Objective)f),
        CertifiedConstant.Upper(
            "max ‖∇f_i(x)−∇f_i(y)‖/(L_i‖x−y‖)",
            "sampled differences of each summand's gradient stay below L_i",
            1.0,
            () => Summands(f).Max(r => r.Length / f.Smoothnesses[r.Worker])),
        .. f.StrongConvexities is { } convexities
            ?
            [
                CertifiedConstant.Lower(
                    "min ⟨∇f_i(x)−∇f_i(y), x−y⟩/‖x−y‖² − μ_i + L",
                    "sampled differences of each summand's gradient stay above μ_i",
                    f.Smoothness,
                    () => Summands(f).Min(r => r.Along - convexities[r.Worker]) + f.Smoothness),
            ]
            : (CertifiedConstant[])[],
    ];

    public static IReadOnlyList<CertifiedConstant> Of(Operator f) =>
    [
        .. Lipschitz(f.Evaluate, "F", f.Solution, f.Lipschitz, f.Monotonicity),
        Vanishes("F at z*", f.Evaluate, f.Solution, f.Lipschitz),
    ];

    private static IEnumerable<CertifiedConstant> Lipschitz(
        Func<Block, Block> map, string name, Block centre, double upper, double lower)
    {
        yield return CertifiedConstant.Upper(
            "L", $"stated; sampled differences of {name} stay below it", upper, () => Ratios(map, centre).Max(r => r.Length));
        if (lower > 0.0)
        {
            yield return CertifiedConstant.Lower(
                "mu", $"stated; sampled differences of {name} stay above it", lower, () => Ratios(map, centre).Min(r => r.Along));
        }
    }

    /// <summary>Relative to L(1 + ‖x*‖), since a zero has no relative accuracy of its own.</summary>
    private static CertifiedConstant Vanishes(string name, Func<Block, Block> map, Block solution, double smoothness)
    {
        double scale = smoothness * (1.0 + solution.Norm()[0, 0, 0]);
        return CertifiedConstant.Upper(
            "L(1+‖solution‖)", $"{name} adds nothing to it", scale, () => scale + map(solution).Norm()[0, 0, 0]);
    }

    /// <summary>‖map(x) − map(y)‖/‖x − y‖ and ⟨map(x) − map(y), x − y⟩/‖x − y‖² at sampled pairs, near and far.</summary>
    private static IEnumerable<(double Length, double Along)> Ratios(Func<Block, Block> map, Block centre)
    {
        (Block x, Block y) = Points(centre);
        Block step = x - y;
        Block change = map(x) - map(y);
        double[] squares = step.NormSquared().ToArray();
        double[] lengths = change.NormSquared().ToArray();
        double[] along = change.Dot(step).ToArray();
        return squares.Select((s, lane) => (Math.Sqrt(lengths[lane] / s), along[lane] / s));
    }

    /// <summary>The same for every summand.</summary>
    private static IEnumerable<(int Worker, double Length, double Along)> Summands(FiniteSum f)
    {
        (Block x, Block y) = Points(f.Minimiser);
        Block step = x - y;
        Block change = f.Gradients(x) - f.Gradients(y);
        double[] squares = step.NormSquared().ToArray();
        double[] lengths = change.NormSquared().ToArray();
        double[] along = change.Dot(step).ToArray();
        return lengths.Select((l, at) =>
            (at / Pairs, Math.Sqrt(l / squares[at % Pairs]), along[at] / squares[at % Pairs]));
    }

    private static (Block X, Block Y) Points(Block centre)
    {
        Block x = Sampler.Gaussian(new DrawAddress(1, 0x63657274, 0, 0, 0), 1, Pairs, centre.Dimension);
        Block y = Sampler.Gaussian(new DrawAddress(1, 0x63657274, 0, 1, 0), 1, Pairs, centre.Dimension);
        Block scale = Block.FromValues(
            Shape.Vector(1, Pairs, 1), [.. Enumerable.Range(0, Pairs).Select(lane => Math.Pow(10.0, lane % 5 - 2))]);
        return (centre + scale * x, centre + scale * y);
    }
}
