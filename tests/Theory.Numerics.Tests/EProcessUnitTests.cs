using Xunit;

namespace Theory.Numerics.Tests;

/// <summary>The e-processes on given numbers: closed forms and edges; nothing here is random.</summary>
public class EProcessUnitTests
{
    /// <summary>The wealth is the average over the grid of products, computed here in logarithms.</summary>
    [Fact]
    public void WealthIsTheAverageOfConstantBets()
    {
        double[] xs = [0.0, 3.0, 1e-3, 40.0, 0.7, 2.0, 1e5, 0.1];
        var process = new BettingEProcess(2.0);
        var products = Enumerable.Repeat(1.0, 24).ToArray();
        double peak = 0.0;
        foreach (double x in xs)
        {
            process.Update(x);
            for (int j = 0; j < 24; j++)
            {
                products[j] *= 1 + Math.Pow(2, -j / 2.0) * (x / 2.0 - 1);
            }

            Assert.Equal(Math.Log(products.Average()), process.LogWealth, 1e-12);
            peak = Math.Max(peak, Math.Log(products.Average()));
        }

        Assert.Equal(peak, process.LogEValue, 1e-12);
        Assert.Equal(process.LogEValue, BettingEProcess.LogEValueOf(xs, 2.0));
        Assert.Equal(Math.Exp(peak), process.EValue, 1e-6 * process.EValue);
    }

    [Fact]
    public void WealthNeitherOverflowsNorDies()
    {
        var rising = new BettingEProcess(1.0);
        var falling = new BettingEProcess(1.0);
        for (int i = 0; i < 20_000; i++)
        {
            rising.Update(10.0);
            falling.Update(0.5);
        }

        Assert.Equal(20_000 * Math.Log(10.0) - Math.Log(24.0), rising.LogWealth, 1e-6);
        Assert.True(falling.LogWealth < 0.0 && double.IsFinite(falling.LogWealth));
        Assert.Equal(0.0, falling.LogEValue);
        Assert.True(rising.Refutes(1e-300));
        Assert.False(falling.Refutes(0.5));
    }

    [Fact]
    public void HugeObservations()
    {
        var process = new BettingEProcess(1.0);
        process.Update(1e300);
        Assert.True(double.IsFinite(process.LogWealth) && process.Refutes(1e-100));
        process.Update(double.PositiveInfinity);
        Assert.Equal(double.PositiveInfinity, process.LogEValue);
        Assert.True(process.Refutes(1e-300));
    }

    [Fact]
    public void NotANumberNeverRefutes()
    {
        var process = new BettingEProcess(1.0);
        process.Update(double.NaN);
        Assert.Equal(BettingEProcess.LogEValueOf([0.0], 1.0), process.LogEValue);
        Assert.Equal((1, 1), (process.Count, process.NotANumbers));
        Assert.Equal(0.0, BettingEProcess.LogEValueOf([double.NaN, double.NaN], 0.0));
    }

    [Fact]
    public void EdgesOfTheBound()
    {
        Assert.Equal(0.0, BettingEProcess.LogEValueOf([0.0, 0.0], 0.0));
        Assert.Equal(double.PositiveInfinity, BettingEProcess.LogEValueOf([0.0, 1e-300], 0.0));
        Assert.Equal(double.PositiveInfinity, BettingEProcess.LogEValueOf([0.0], -1.0));
        Assert.Equal(0.0, BettingEProcess.LogEValueOf([1e300, double.PositiveInfinity], double.PositiveInfinity));
        Assert.Equal(
            BettingEProcess.LogEValueOf([1.0, 2.0, 5.0], 1.5), BettingEProcess.LogEValueOf([-2.0, -1.0, 2.0], -1.5, lower: -3.0));
        Assert.Throws<ArgumentOutOfRangeException>(() => BettingEProcess.LogEValueOf([-1.0], 1.0));
    }

    [Fact]
    public void SmallestRefutedScaleIsTheThreshold()
    {
        double[] xs = [.. Enumerable.Range(0, 300).Select(i => 1.0 + 0.5 * Math.Sin(i))];
        const double alpha = 1e-4;
        double scale = BettingEProcess.SmallestRefutedScale(xs, 2.0, alpha);
        Assert.InRange(scale, 2.0, 2.5);
        double Evidence(double c) => BettingEProcess.LogEValueOf([.. xs.Select(x => c * x)], 2.0);
        Assert.True(Evidence(scale) >= -Math.Log(alpha));
        Assert.True(Evidence(scale * (1 - 1e-8)) < -Math.Log(alpha));
        Assert.Equal(double.PositiveInfinity, BettingEProcess.SmallestRefutedScale([0.0, 0.0], 1.0, alpha));
        Assert.Equal(0.0, BettingEProcess.SmallestRefutedScale([0.0, 1.0], 0.0, alpha));
    }

    /// <summary>p0 = 0: wealth ∫(1 − p)ᶠ dJeffreys = B(½, f + ½)/B(½, ½); one failure refutes.</summary>
    [Fact]
    public void BinomialWealthInClosedForm()
    {
        Assert.Equal(Math.Log(0.5), BinomialEProcess.LogWealthOf(0, 1, 0.0), 1e-12);
        Assert.Equal(Math.Log(3.0 / 8.0), BinomialEProcess.LogWealthOf(0, 2, 0.0), 1e-12);
        Assert.Equal(double.PositiveInfinity, BinomialEProcess.LogWealthOf(1, 2, 0.0));
        Assert.Equal(0.0, BinomialEProcess.LogWealthOf(5, 5, 1.0));

        // p0 = ½, one failure: the mean of 2p over the upper half of the arcsine law is 1 + 2/π.
        Assert.Equal(Math.Log(1 + 2 / Math.PI), BinomialEProcess.LogWealthOf(1, 1, 0.5), 1e-12);
        Assert.Equal(Math.Log(1 - 2 / Math.PI), BinomialEProcess.LogWealthOf(0, 1, 0.5), 1e-12);
    }

    /// <summary>E[wealth] = 1 at the boundary for a fixed number of trials.</summary>
    [Theory]
    [InlineData(20, 0.3)]
    [InlineData(200, 0.01)]
    public void BinomialWealthHasMeanOne(int n, double p0)
    {
        double mean = Enumerable.Range(0, n + 1).Sum(k =>
            Math.Exp(BinomialEProcess.LogWealthOf(k, n, p0) + MathNet.Numerics.Distributions.Binomial.PMFLn(p0, n, k)));
        Assert.Equal(1.0, mean, 1e-9);
    }

    [Fact]
    public void BinomialProcessKeepsItsPeak()
    {
        var process = new BinomialEProcess(0.01);
        process.Update(10, 10);
        double peak = process.LogWealth;
        process.Update(0, 1_000_000);
        Assert.True(process.LogWealth < peak);
        Assert.Equal(peak, process.LogEValue);
        Assert.True(process.Refutes(1e-6));
        Assert.Equal((10, 1_000_010), (process.Failures, process.Trials));
    }

    [Fact]
    public void BudgetIsNeverExceeded()
    {
        var budget = new ErrorBudget("catalogue", 1e-3);
        Assert.Equal(1e-4, budget.Spend("a", 1e-4));
        ErrorBudget share = budget.Share("family", 4e-4);
        IReadOnlyList<ErrorBudget> parts = budget.Split("claims", 7);
        Assert.All(parts, part => Assert.Equal(5e-4 / 7, part.Total, 1e-18));
        Assert.Equal(0.0, budget.Remaining, 1e-15);
        Assert.Equal(["a", "family", "claims"], budget.Entries.Select(e => e.Key));

        string message = Assert.Throws<InvalidOperationException>(() => budget.Spend("late", 1e-5)).Message;
        Assert.Contains("late", message);
        Assert.Contains("catalogue", message);
        Assert.Throws<InvalidOperationException>(() => budget.Split("more", 2));
        Assert.Throws<ArgumentException>(() => share.Spend("x", 1e-4) + share.Spend("x", 1e-4));
        Assert.Throws<InvalidOperationException>(() => parts[0].Spend("all", 1e-3));
    }

    [Fact]
    public void BudgetHoldsUnderThreads()
    {
        var budget = new ErrorBudget("shared", 0.5);
        int refused = 0;
        Parallel.For(0, 1000, i =>
        {
            try
            {
                budget.Spend($"use {i}", 1e-3);
            }
            catch (InvalidOperationException)
            {
                Interlocked.Increment(ref refused);
            }
        });
        Assert.Equal(500, refused);
        Assert.Equal(500, budget.Entries.Count);
    }
}
