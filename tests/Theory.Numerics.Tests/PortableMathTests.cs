using Xunit;

namespace Theory.Numerics.Tests;

/// <summary>The sampler's own elementary functions against the runtime's, in ulps of the result.</summary>
public class PortableMathTests
{
    private static readonly double[] Grid = [.. Enumerable.Range(0, 40_001).Select(i => i / 40_000.0)];

    [Fact]
    public void Log() => AssertUlps(
        Math.Log, PortableMath.Log, Grid.Select(t => Math.Pow(2, -53 + 60 * t)).Concat(Grid.Select(t => 0.5 + t)).Append(1 - 1e-16), 2);

    [Fact]
    public void Exp() => AssertUlps(Math.Exp, PortableMath.Exp, Grid.Select(t => -700 + 1400 * t), 2);

    [Fact]
    public void ExpMinusOne() => AssertUlps(
        x => 2 * Math.Sinh(x / 2) * Math.Exp(x / 2), PortableMath.ExpMinusOne, Grid.Skip(1).Select(t => 1e-9 + 50 * t * t), 12);

    [Fact]
    public void SinAndCosOnAnEighthOfATurn()
    {
        IEnumerable<double> angles = Grid.Select(t => (2 * t - 1) * Math.PI / 4);
        AssertUlps(Math.Sin, PortableMath.SinSmall, angles, 2);
        AssertUlps(Math.Cos, PortableMath.CosSmall, angles, 2);
    }

    [Fact]
    public void Sin()
    {
        foreach (double t in Grid)
        {
            double x = 20 * t - 10;
            Assert.Equal(Math.Sin(x), PortableMath.Sin(x), 5e-16);
        }
    }

    [Fact]
    public void Edges()
    {
        Assert.Equal(double.PositiveInfinity, PortableMath.Exp(1000));
        Assert.Equal(0.0, PortableMath.Exp(-1000));
        Assert.True(double.IsNaN(PortableMath.Exp(double.NaN)));
        Assert.Equal(0.0, PortableMath.Log(1.0));
        Assert.Equal(1e-20, PortableMath.ExpMinusOne(1e-20));
    }

    private static void AssertUlps(Func<double, double> expected, Func<double, double> actual, IEnumerable<double> points, double ulps)
    {
        foreach (double x in points)
        {
            double want = expected(x);
            double got = actual(x);
            if (!(Math.Abs(want - got) <= ulps * (Math.BitIncrement(Math.Abs(want)) - Math.Abs(want))))
            {
                Assert.Fail($"at {x:r}: {want:r} against {got:r}");
            }
        }
    }
}
