using Xunit;

namespace Theory.Numerics.Tests;

/// <summary>
/// Level. Null hypothesis: under the boundary of H0 a test at α = 10⁻² rejects in at most a fraction α of 10,000 runs,
/// looking after every observation; refuted by the exact binomial test at 10⁻⁶ for each law.
/// Power. Null hypothesis: on the stated alternative the test rejects in at most 90 % of 1,000 runs; here it must be
/// refuted at 10⁻⁶. Seeds are fixed.
/// </summary>
public class EProcessTests
{
    private const double Alpha = 1e-2;
    private const double Own = 1e-6;
    private const int NullRuns = 10_000;
    private const int Observations = 200;

    private static readonly DrawAddress Address = DrawAddress.Of(20240607);

    /// <summary>Laws of nonnegative X with mean exactly 1, as functions of a uniform.</summary>
    private static readonly Dictionary<string, Func<double, double>> MeanOne = new()
    {
        ["exponential"] = u => -Math.Log(u),
        ["uniform"] = u => 2 * u,
        ["coin 0 or 2"] = u => u < 0.5 ? 2.0 : 0.0,
        ["rare and large: 1000 with probability 1/1000"] = u => u < 1e-3 ? 1000.0 : 0.0,
        ["rarely small: 0 with probability 1/50"] = u => u < 0.02 ? 0.0 : 1.0 / 0.98,
        ["Pareto of tail 3/2, infinite variance"] = u => Math.Pow(u, -2.0 / 3.0) / 3.0,
        ["cube of an exponential"] = u => Math.Pow(-Math.Log(u), 3) / 6.0,
    };

    public static TheoryData<string> NullLaws => [.. MeanOne.Keys];

    [Theory]
    [MemberData(nameof(NullLaws))]
    public void BettingKeepsItsLevel(string law)
    {
        int rejected = CountBetting(MeanOne[law], NullRuns, Observations, bound: 1.0);
        Assert.False(ExactBinomial.Rejects(rejected, NullRuns, Alpha, Own), $"{rejected} of {NullRuns} runs rejected");
    }

    [Theory]
    [InlineData("exponential", 1.5, 500)]
    [InlineData("coin 0 or 2", 1.3, 500)]
    [InlineData("uniform", 1.1, 2000)]
    [InlineData("rarely small: 0 with probability 1/50", 1.1, 500)]
    [InlineData("cube of an exponential", 10.0, 500)]
    public void BettingFindsAViolatedMean(string law, double factor, int observations)
    {
        int rejected = CountBetting(u => factor * MeanOne[law](u), 1000, observations, bound: 1.0);
        Assert.True(ExactBinomial.Rejects(rejected, 1000, 0.9, Own), $"only {rejected} of 1000 runs rejected");
    }

    [Theory]
    [InlineData(0.001)]
    [InlineData(0.05)]
    [InlineData(0.5)]
    [InlineData(0.95)]
    public void BinomialKeepsItsLevel(double p0)
    {
        int rejected = CountBinomial(p0, p0, NullRuns, Observations);
        Assert.False(ExactBinomial.Rejects(rejected, NullRuns, Alpha, Own), $"{rejected} of {NullRuns} runs rejected");
    }

    [Theory]
    [InlineData(0.01, 0.05, 500)]
    [InlineData(0.5, 0.6, 1000)]
    [InlineData(0.001, 0.01, 2000)]
    public void BinomialFindsAViolatedProbability(double p0, double p, int trials)
    {
        int rejected = CountBinomial(p0, p, 1000, trials);
        Assert.True(ExactBinomial.Rejects(rejected, 1000, 0.9, Own), $"only {rejected} of 1000 runs rejected");
    }

    private static int CountBetting(Func<double, double> law, int runs, int observations, double bound)
    {
        double[] uniforms = Sampler.Uniform(Address, 1, runs, observations).ToArray();
        int rejected = 0;
        var xs = new double[observations];
        for (int run = 0; run < runs; run++)
        {
            for (int i = 0; i < observations; i++)
            {
                xs[i] = law(uniforms[run * observations + i]);
            }

            rejected += BettingEProcess.LogEValueOf(xs, bound) >= -Math.Log(Alpha) ? 1 : 0;
        }

        return rejected;
    }

    private static int CountBinomial(double p0, double p, int runs, int trials)
    {
        double[] uniforms = Sampler.Uniform(Address.AtSite(1), 1, runs, trials).ToArray();
        var wealth = new double?[trials + 1, trials + 1];
        int rejected = 0;
        for (int run = 0; run < runs; run++)
        {
            // The wealth can only rise at a failure, so looking there is looking always.
            double peak = 0.0;
            int failures = 0;
            for (int i = 0; i < trials; i++)
            {
                if (uniforms[run * trials + i] < p)
                {
                    failures++;
                    peak = Math.Max(peak, wealth[failures, i + 1] ??= BinomialEProcess.LogWealthOf(failures, i + 1, p0));
                }
            }

            rejected += peak >= -Math.Log(Alpha) ? 1 : 0;
        }

        return rejected;
    }
}
