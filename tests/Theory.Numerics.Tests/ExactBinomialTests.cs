using MathNet.Numerics;
using Xunit;

namespace Theory.Numerics.Tests;

/// <summary>Binomial tails and Clopper–Pearson bounds against direct sums and closed forms; nothing here is random.</summary>
public class ExactBinomialTests
{
    [Theory]
    [InlineData(10, 0.3)]
    [InlineData(200, 0.01)]
    [InlineData(2000, 0.5)]
    [InlineData(5000, 0.001)]
    public void TailsAgreeWithSumsOfProbabilities(int n, double p)
    {
        double[] log = [.. Enumerable.Range(0, n + 1).Select(k =>
            SpecialFunctions.BinomialLn(n, k) + k * Math.Log(p) + (n - k) * SpecialFunctions.Log1p(-p))];
        int mean = (int)(n * p);
        foreach (int k in new[] { 0, 1, mean / 2, mean, mean + 1, 2 * mean, (mean + n) / 2, n - 1, n }.Where(k => k <= n))
        {
            double upper = log[k..].Order().Sum(Math.Exp);
            double lower = log[..(k + 1)].Order().Sum(Math.Exp);
            AssertRelative(upper, ExactBinomial.UpperTail(k, n, p));
            AssertRelative(lower, ExactBinomial.LowerTail(k, n, p));
        }
    }

    [Fact]
    public void FarTailsKeepTheirRelativeAccuracy()
    {
        AssertRelative(Math.Pow(0.001, 50), ExactBinomial.UpperTail(50, 50, 0.001));
        AssertRelative(Math.Pow(0.1, 200), ExactBinomial.LowerTail(0, 200, 0.9));
        AssertRelative(-Math.Exp(1000 * SpecialFunctions.Log1p(-1e-9)) + 1.0, ExactBinomial.UpperTail(1, 1000, 1e-9), 1e-7);
    }

    [Fact]
    public void BoundsOfNoFailureAndOfOnlyFailures()
    {
        foreach (int n in new[] { 1, 30, 10_000 })
        {
            // (1 − p)ⁿ = α and pⁿ = α.
            AssertRelative(-Math.Exp(Math.Log(0.05) / n) + 1.0, ExactBinomial.UpperBound(0, n, 0.05), 1e-9);
            AssertRelative(Math.Exp(Math.Log(0.05) / n), ExactBinomial.LowerBound(n, n, 0.05), 1e-9);
            Assert.Equal(0.0, ExactBinomial.LowerBound(0, n, 0.05));
            Assert.Equal(1.0, ExactBinomial.UpperBound(n, n, 0.05));
        }
    }

    /// <summary>The interval of 4 of 10 at 95 % printed in tables: (0.1216, 0.7376).</summary>
    [Fact]
    public void PublishedInterval()
    {
        (double low, double high) = ExactBinomial.Interval(4, 10, 0.05);
        Assert.Equal(0.1216, low, 4);
        Assert.Equal(0.7376, high, 4);
    }

    /// <summary>P(Bin(n, p0) is in the rejection region) ≤ α, summed exactly, and the region starts where the tail allows.</summary>
    [Theory]
    [InlineData(50, 0.1, 0.01)]
    [InlineData(500, 0.02, 1e-6)]
    public void LevelIsExact(int n, double p0, double alpha)
    {
        int first = Enumerable.Range(0, n + 1).First(k => ExactBinomial.Rejects(k, n, p0, alpha));
        Assert.True(ExactBinomial.UpperTail(first, n, p0) <= alpha);
        Assert.True(ExactBinomial.UpperTail(first - 1, n, p0) > alpha);
        Assert.True(ExactBinomial.LowerBound(first, n, alpha) >= p0);
        Assert.True(ExactBinomial.LowerBound(first - 1, n, alpha) < p0);
    }

    private static void AssertRelative(double expected, double actual, double tolerance = 1e-8) =>
        Assert.True(Math.Abs(actual - expected) <= tolerance * Math.Abs(expected), $"expected {expected:r}, got {actual:r}");
}
