using MathNet.Numerics;

namespace Theory.Numerics;

/// <summary>
/// An anytime-valid test of H0: every trial fails with probability at most p0, given the past. The wealth is the
/// likelihood ratio against p0 of the mixture over p in (p0, 1) with the Jeffreys density p^(−½)(1 − p)^(−½) cut to
/// that interval; for each such p the ratio is a supermartingale under H0, so by Ville's inequality the wealth ever
/// reaches 1/α with probability at most α, whenever one looks and stops.
/// </summary>
public sealed class BinomialEProcess
{
    private const double Jeffreys = 0.5;

    /// <summary>Starts with no trial.</summary>
    /// <param name="p0">The failure probability that H0 allows, in [0, 1].</param>
    public BinomialEProcess(double p0)
    {
        if (!(p0 >= 0.0 && p0 <= 1.0))
        {
            throw new ArgumentOutOfRangeException(nameof(p0), p0, "A probability lies in [0, 1].");
        }

        NullProbability = p0;
    }

    /// <summary>The failure probability that H0 allows.</summary>
    public double NullProbability { get; }

    /// <summary>Failures seen.</summary>
    public long Failures { get; private set; }

    /// <summary>Trials seen.</summary>
    public long Trials { get; private set; }

    /// <summary>ln of the wealth now.</summary>
    public double LogWealth { get; private set; }

    /// <summary>ln of the largest wealth at any look so far, at least 0.</summary>
    public double LogEValue { get; private set; }

    /// <summary>One more trial.</summary>
    public void Update(bool failure) => Update(failure ? 1 : 0, 1);

    /// <summary>Several more trials, looked at once.</summary>
    public void Update(long failures, long trials)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(failures);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(failures, trials);
        Failures += failures;
        Trials += trials;
        LogWealth = LogWealthOf(Failures, Trials, NullProbability);
        LogEValue = Math.Max(LogEValue, LogWealth);
    }

    /// <summary>True once H0 is refuted with error probability at most <paramref name="alpha"/>.</summary>
    public bool Refutes(double alpha)
    {
        ExactBinomial.RequireLevel(alpha);
        return LogEValue >= -Math.Log(alpha);
    }

    /// <summary>
    /// ln of the wealth after <paramref name="failures"/> of <paramref name="trials"/>, a function of the counts alone:
    /// B(s + ½, f + ½)·P(Beta(s + ½, f + ½) > p0) / (B(½, ½)·P(Beta(½, ½) > p0)·p0ˢ·(1 − p0)ᶠ).
    /// </summary>
    public static double LogWealthOf(long failures, long trials, double p0)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(failures);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(failures, trials);
        if (trials == 0 || p0 >= 1.0)
        {
            return 0.0;
        }

        if (p0 == 0.0 && failures > 0)
        {
            return double.PositiveInfinity;
        }

        double s = failures + Jeffreys;
        double f = trials - failures + Jeffreys;
        double ratio = SpecialFunctions.BetaLn(s, f) - SpecialFunctions.BetaLn(Jeffreys, Jeffreys);
        double kept = LogAbove(s, f, p0) - LogAbove(Jeffreys, Jeffreys, p0);
        double under = p0 == 0.0 ? 0.0 : failures * Math.Log(p0) + (trials - failures) * SpecialFunctions.Log1p(-p0);
        return ratio + kept - under;
    }

    /// <summary>ln P(Beta(a, b) > p).</summary>
    private static double LogAbove(double a, double b, double p) =>
        p == 0.0 ? 0.0 : Math.Log(SpecialFunctions.BetaRegularized(b, a, 1.0 - p));
}
