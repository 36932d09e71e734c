using MathNet.Numerics;
using MathNet.Numerics.Distributions;
using Xunit;

namespace Theory.Numerics.Tests;

/// <summary>
/// Null hypothesis of each test: the draws have exactly the stated law, independently over lanes and workers. Each
/// comparison refutes it wrongly with probability at most 10⁻⁶: chi-square in its asymptotic law with at least 50 expected
/// per cell, Kolmogorov–Smirnov by the inequality of Dvoretzky, Kiefer, Wolfowitz and Massart, counts by the exact
/// binomial law, sums of a million by the normal law. Seeds are fixed.
/// </summary>
public class SamplerFitTests
{
    private const double Alpha = 1e-6;
    private const int Lanes = 50_000;

    private static readonly DrawAddress Address = DrawAddress.Of(99, 3);

    /// <summary>Continuous laws: their draws (2 workers × lanes × 3) and their distribution function.</summary>
    private static readonly Dictionary<string, (Func<int, Block> Draw, Func<double, double> Distribution)> Laws = new()
    {
        ["uniform"] = (l => Sampler.Uniform(Address, 2, l, 3), x => Math.Clamp(x, 0.0, 1.0)),
        ["Gaussian"] = (l => Sampler.Gaussian(Address, 2, l, 3), x => Normal.CDF(0, 1, x)),
        ["Laplace(2)"] = (l => Sampler.Laplace(Address, 2, l, 3, 2.0), x => x < 0 ? 0.5 * Math.Exp(x / 2) : 1 - 0.5 * Math.Exp(-x / 2)),
        ["Student(1)"] = (l => Sampler.StudentT(Address, 2, l, 3, 1.0), x => 0.5 + Math.Atan(x) / Math.PI),
        ["Student(3)"] = (l => Sampler.StudentT(Address, 2, l, 3, 3.0), x => StudentT.CDF(0, 1, 3, x)),
        ["Student(50)"] = (l => Sampler.StudentT(Address, 2, l, 3, 50.0), x => StudentT.CDF(0, 1, 50, x)),
        ["Pareto(1.5, 2)"] = (l => Sampler.SymmetricPareto(Address, 2, l, 3, 1.5, 2.0), x => Pareto(x, 1.5, 2.0)),
        ["Pareto(0.3, 1)"] = (l => Sampler.SymmetricPareto(Address, 2, l, 3, 0.3, 1.0), x => Pareto(x, 0.3, 1.0)),
        ["stable(2)"] = (l => Sampler.SymmetricAlphaStable(Address, 2, l, 3, 2.0), x => Normal.CDF(0, Math.Sqrt(2), x)),
        ["stable(1)"] = (l => Sampler.SymmetricAlphaStable(Address, 2, l, 3, 1.0), x => 0.5 + Math.Atan(x) / Math.PI),
        ["stable(1.5)"] = (l => Sampler.SymmetricAlphaStable(Address, 2, l, 3, 1.5), x => StableDistribution(x, 1.5)),
        ["stable(0.5)"] = (l => Sampler.SymmetricAlphaStable(Address, 2, l, 3, 0.5), x => StableDistribution(x, 0.5)),
    };

    public static TheoryData<string> ContinuousLaws => [.. Laws.Keys];

    /// <summary>Those whose distribution function is not an integral, which would be slow.</summary>
    public static TheoryData<string> LawsInClosedForm => [.. Laws.Keys.Except(["stable(1.5)", "stable(0.5)"])];

    [Theory]
    [MemberData(nameof(ContinuousLaws))]
    public void DistributionFunction(string law)
    {
        (Func<int, Block> draw, Func<double, double> distribution) = Laws[law];
        int lanes = law is "stable(1.5)" or "stable(0.5)" ? 2_000 : Lanes;
        double[] sorted = [.. draw(lanes).ToArray().Order()];
        double gap = 0.0;
        for (int i = 0; i < sorted.Length; i++)
        {
            double level = distribution(sorted[i]);
            gap = Math.Max(gap, Math.Max(level - (double)i / sorted.Length, (i + 1.0) / sorted.Length - level));
        }

        Assert.True(gap <= Math.Sqrt(Math.Log(2 / Alpha) / (2 * sorted.Length)), $"the distribution functions differ by {gap}");
    }

    /// <summary>Pairs of neighbours (coordinates, lanes, workers, steps) are uniform on a 16 × 16 grid.</summary>
    [Theory]
    [MemberData(nameof(LawsInClosedForm))]
    public void NeighboursAreIndependent(string law)
    {
        (Func<int, Block> draw, Func<double, double> distribution) = Laws[law];
        double[] u = [.. draw(Lanes).ToArray().Select(distribution)];
        foreach (int distance in new[] { 1, 2, 3, 3 * Lanes })
        {
            var cells = new long[256];
            int pairs = 0;
            for (int i = 0; i + distance < u.Length; i += distance == 3 * Lanes ? 1 : 2 * distance)
            {
                cells[Cell(u[i]) * 16 + Cell(u[i + distance])]++;
                pairs++;
            }

            AssertChiSquare(cells, Enumerable.Repeat(pairs / 256.0, 256));
        }
    }

    /// <summary>Gaussian squares: Σ x² over N values is chi-square with N degrees of freedom; Σ x is normal of variance N.</summary>
    [Fact]
    public void GaussianMoments()
    {
        double[] x = Sampler.Gaussian(Address.AtStep(1), 1, 4_000, 250).ToArray();
        AssertTail(ChiSquared.CDF(1_000, x[..1000].Sum(v => v * v)));
        AssertTail(Normal.CDF(0, Math.Sqrt(2.0 * x.Length), x.Sum(v => v * v) - x.Length));
        AssertTail(Normal.CDF(0, Math.Sqrt(x.Length), x.Sum()));
        AssertTail(Normal.CDF(0, Math.Sqrt(15.0 * x.Length), x.Sum(v => v * v * v)));
        AssertTail(Normal.CDF(0, Math.Sqrt(96.0 * x.Length), x.Sum(v => v * v * v * v) - 3.0 * x.Length));
    }

    /// <summary>Tails by exact counts: P(|X| > 4) and P(|X| > 4.5).</summary>
    [Theory]
    [InlineData(4.0)]
    [InlineData(4.5)]
    public void GaussianTails(double level)
    {
        double[] x = Sampler.Gaussian(Address.AtStep(2), 1, 4_000, 1_000).ToArray();
        AssertCount(x.Count(v => Math.Abs(v) > level), x.Length, 2 * Normal.CDF(0, 1, -level));
    }

    [Theory]
    [InlineData(0.5)]
    [InlineData(0.01)]
    [InlineData(0.999)]
    public void Coins(double p)
    {
        Mask mask = Sampler.Coin(Address, 4, Lanes, p);
        AssertCount(mask.Values.ToArray().Count(v => v), 4L * Lanes, p);
    }

    [Fact]
    public void CoinsOfEachWorkerHaveTheirOwnProbability()
    {
        double[] p = [0.0, 0.1, 0.6, 1.0];
        Mask mask = Sampler.Coin(Address, 4, Lanes, p);
        for (int w = 0; w < 4; w++)
        {
            AssertCount(mask.Values.Slice(w * Lanes, Lanes).ToArray().Count(v => v), Lanes, p[w]);
        }
    }

    [Theory]
    [InlineData(2)]
    [InlineData(7)]
    [InlineData(100)]
    public void IndicesAreUniform(int bound)
    {
        var cells = new long[bound];
        int[] drawn = Sampler.Index(Address, 2, Lanes, 3, bound).Values.ToArray();
        Array.ForEach(drawn, i => cells[i]++);
        AssertChiSquare(cells, Enumerable.Repeat((double)drawn.Length / bound, bound));
    }

    /// <summary>
    /// With a bound of 3·2²⁹ one word in four is rejected; without that, the residues modulo 3 would come as 3 : 3 : 2.
    /// </summary>
    [Fact]
    public void IndicesAreUniformForALargeBound()
    {
        const int bound = 3 << 29;
        int[] drawn = Sampler.Index(Address, 2, Lanes, 3, bound).Values.ToArray();
        foreach (Func<int, int> third in new Func<int, int>[] { i => i % 3, i => i / (1 << 29) })
        {
            var cells = new long[3];
            Array.ForEach(drawn, i => cells[third(i)]++);
            AssertChiSquare(cells, Enumerable.Repeat(drawn.Length / 3.0, 3));
        }
    }

    [Fact]
    public void WeightedIndicesFollowTheirWeights()
    {
        double[] p = [0.5, 0.0, 0.3, 0.15, 0.05, 0.0];
        var cells = new long[p.Length];
        int[] drawn = Sampler.WeightedIndex(Address, 2, Lanes, 3, p).Values.ToArray();
        Array.ForEach(drawn, i => cells[i]++);
        Assert.Equal((0, 0), (cells[1], cells[5]));
        int[] live = [0, 2, 3, 4];
        AssertChiSquare([.. live.Select(i => cells[i])], live.Select(i => p[i] * drawn.Length));
    }

    /// <summary>All k-subsets, counted: drawn directly (k ≤ d/2) and as complements.</summary>
    [Theory]
    [InlineData(1, 5)]
    [InlineData(2, 6)]
    [InlineData(4, 6)]
    [InlineData(3, 7)]
    [InlineData(6, 7)]
    public void SubsetsAreUniform(int k, int d)
    {
        Indices drawn = Sampler.Subset(Address, 2, Lanes, k, d);
        long[] counts = Count(drawn, list => list.Sum(i => 1 << i));
        Assert.Equal((int)SpecialFunctions.Binomial(d, k), counts.Length);
        AssertChiSquare(counts, Enumerable.Repeat(2.0 * Lanes / counts.Length, counts.Length));
    }

    /// <summary>Each of 130 coordinates belongs to a subset of 100 with probability 10/13, across the words of the bitmap.</summary>
    [Fact]
    public void LargeSubsetsHoldEachCoordinateEquallyOften()
    {
        int[] drawn = Sampler.Subset(Address, 1, 5_000, 100, 130).Values.ToArray();
        for (int i = 0; i < 130; i++)
        {
            AssertCount(drawn.Count(j => j == i), 5_000, 100.0 / 130, Alpha / 130);
        }
    }

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(5)]
    public void PermutationsAreUniform(int n)
    {
        Indices drawn = Sampler.Permutation(Address, 2, Lanes, n);
        long[] counts = Count(drawn, list => list.Aggregate(0, (code, i) => code * n + i));
        Assert.Equal((int)SpecialFunctions.Factorial(n), counts.Length);
        AssertChiSquare(counts, Enumerable.Repeat(2.0 * Lanes / counts.Length, counts.Length));
    }

    [Fact]
    public void ThreePoints()
    {
        double[] x = Sampler.ThreePoint(Address, 2, Lanes, 3, 5.0, 0.2).ToArray();
        long[] cells = [x.Count(v => v == -5.0), x.Count(v => v == 0.0), x.Count(v => v == 5.0)];
        Assert.Equal(x.Length, cells.Sum());
        AssertChiSquare(cells, [0.1 * x.Length, 0.8 * x.Length, 0.1 * x.Length]);
    }

    /// <summary>Entry (0, 0) of a Haar matrix of size 3 is uniform on (−1, 1); determinants have either sign equally often.</summary>
    [Fact]
    public void OrthogonalMatricesAreHaar()
    {
        const int draws = 4_000;
        Matrix[] q = [.. Enumerable.Range(0, draws).Select(i => LinearAlgebra.RandomOrthogonal(Address.AtSite(i), 3))];
        foreach (int entry in new[] { 0, 4, 5, 8 })
        {
            var cells = new long[16];
            Array.ForEach(q, m => cells[Cell((m.Values[entry] + 1) / 2)]++);
            AssertChiSquare(cells, Enumerable.Repeat(draws / 16.0, 16));
        }

        AssertCount(q.Count(m => m.ToMathNet().Determinant() > 0), draws, 0.5);
    }

    private static int Cell(double u) => Math.Min(15, (int)(16 * u));

    private static long[] Count(Indices drawn, Func<int[], int> code)
    {
        var counts = new Dictionary<int, long>();
        for (int w = 0; w < drawn.Workers; w++)
        {
            for (int lane = 0; lane < drawn.Lanes; lane++)
            {
                int key = code(drawn.At(w, lane).ToArray());
                counts[key] = counts.GetValueOrDefault(key) + 1;
            }
        }

        return [.. counts.Values];
    }

    private static double Pareto(double x, double a, double scale) =>
        Math.Abs(x) < scale ? 0.5 : x > 0 ? 1 - 0.5 * Math.Pow(scale / x, a) : 0.5 * Math.Pow(scale / -x, a);

    /// <summary>Zolotarev's integral for α ≠ 1: ∫ over θ in (0, π/2) of exp(−x^(α/(α−1))·V(θ)).</summary>
    private static double StableDistribution(double x, double alpha)
    {
        if (x < 0)
        {
            return 1 - StableDistribution(-x, alpha);
        }

        double power = alpha / (alpha - 1);
        double Integrand(double t)
        {
            double v = Math.Pow(Math.Cos(t) / Math.Sin(alpha * t), power) * Math.Cos((alpha - 1) * t) / Math.Cos(t);
            return Math.Exp(-Math.Pow(x, power) * v);
        }

        double mass = Integrate.GaussLegendre(Integrand, 1e-12, Math.PI / 2 - 1e-12, 128) / Math.PI;
        return alpha > 1 ? 1 - mass : 0.5 + mass;
    }

    private static void AssertChiSquare(long[] counts, IEnumerable<double> expected)
    {
        double[] want = [.. expected];
        Assert.All(want, v => Assert.True(v >= 50, $"only {v} expected in a cell"));
        double statistic = counts.Zip(want, (c, e) => (c - e) * (c - e) / e).Sum();
        double tail = SpecialFunctions.GammaUpperRegularized((counts.Length - 1) / 2.0, statistic / 2);
        Assert.True(tail > Alpha, $"chi-square {statistic} with {counts.Length - 1} degrees of freedom has tail {tail}");
    }

    private static void AssertCount(long count, long n, double p, double alpha = Alpha)
    {
        double tail = Math.Min(ExactBinomial.UpperTail(count, n, p), ExactBinomial.LowerTail(count, n, p));
        Assert.True(tail > alpha / 2, $"{count} of {n} has tail {tail} at p = {p}");
    }

    private static void AssertTail(double level) =>
        Assert.True(Math.Min(level, 1 - level) > Alpha / 2, $"the statistic lies at level {level} of its law");
}
