using System.Runtime.Intrinsics;

namespace Theory.Numerics;

/// <summary>
/// An anytime-valid test of H0: E[X_i | past] ≤ bound, for X_i ≥ a stated lower bound and under no other assumption
/// (no variance, no tail). With Y = (X − lower)/(bound − lower), the wealth of a constant bet λ in [0, 1] is
/// Π(1 + λ(Y_i − 1)), a nonnegative supermartingale under H0; here the wealth is the average over 24 bets
/// λ = 2^(−j/2), so it stays within ln 24 of the best of them. By Ville's inequality it ever reaches 1/α with
/// probability at most α. (Waudby-Smith and Ramdas, "Estimating means of bounded random variables by betting", 2024.)
/// </summary>
/// <remarks>
/// X = +∞ refutes at every level, since its mean is infinite under no bound; it needs a finite bound. X = NaN says
/// nothing and is replaced by the lower bound, the value that speaks most for H0, so it can hide a refutation but never
/// cause one; <see cref="NotANumbers"/> counts these. With bound = lower, H0 says X = lower almost surely, and any larger X
/// refutes; with bound &lt; lower, H0 contradicts the lower bound and any observation refutes.
/// </remarks>
public sealed class BettingEProcess
{
    private BettingWealth wealth = BettingWealth.Start();

    /// <summary>Starts with no observation.</summary>
    /// <param name="bound">The mean that H0 allows.</param>
    /// <param name="lower">A number that X never falls below; finite.</param>
    public BettingEProcess(double bound, double lower = 0.0)
    {
        if (double.IsNaN(bound))
        {
            throw new ArgumentOutOfRangeException(nameof(bound), bound, "The bound of a mean must be a number.");
        }

        if (!double.IsFinite(lower))
        {
            throw new ArgumentOutOfRangeException(nameof(lower), lower, "The lower bound must be finite.");
        }

        Bound = bound;
        Lower = lower;
    }

    /// <summary>The mean that H0 allows.</summary>
    public double Bound { get; }

    /// <summary>What X never falls below.</summary>
    public double Lower { get; }

    /// <summary>Observations so far.</summary>
    public long Count { get; private set; }

    /// <summary>Observations that were NaN.</summary>
    public long NotANumbers { get; private set; }

    /// <summary>ln of the wealth now.</summary>
    public double LogWealth => wealth.LogWealth;

    /// <summary>ln of the largest wealth so far, at least 0: the evidence against H0.</summary>
    public double LogEValue => wealth.LogPeak;

    /// <summary>The largest wealth so far (+∞ where it overflows).</summary>
    public double EValue => Math.Exp(LogEValue);

    /// <summary>One more observation.</summary>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="x"/> is below the lower bound.</exception>
    public void Update(double x)
    {
        if (x < Lower)
        {
            throw new ArgumentOutOfRangeException(nameof(x), x, $"The observation falls below its stated lower bound {Lower}.");
        }

        Count++;
        if (double.IsNaN(x))
        {
            NotANumbers++;
        }

        wealth.Bet(double.IsNaN(x) ? 0.0 : x - Lower, Bound - Lower);
    }

    /// <summary>True once H0 is refuted with error probability at most <paramref name="alpha"/>.</summary>
    public bool Refutes(double alpha)
    {
        ExactBinomial.RequireLevel(alpha);
        return LogEValue >= -Math.Log(alpha);
    }

    /// <summary>ln of the largest wealth that <paramref name="xs"/> reach in their order, at least 0.</summary>
    public static double LogEValueOf(ReadOnlySpan<double> xs, double bound, double lower = 0.0)
    {
        var process = new BettingEProcess(bound, lower);
        foreach (double x in xs)
        {
            process.Update(x);
        }

        return process.LogEValue;
    }

    /// <summary>
    /// The smallest c ≥ 0, up to a relative 10⁻⁹ and rounded upwards, for which the observations c·xs would have refuted
    /// E[X] ≤ <paramref name="bound"/> at <paramref name="alpha"/>: the violation that the test would have caught.
    /// Every factor of the wealth grows with c, so the refuted scales are all those above it. +∞ where no scale up to
    /// 2¹⁰⁰ is refuted.
    /// </summary>
    /// <param name="xs">Nonnegative observations in their order.</param>
    /// <param name="bound">The mean that H0 allows.</param>
    /// <param name="alpha">Error probability of the refutation.</param>
    public static double SmallestRefutedScale(ReadOnlySpan<double> xs, double bound, double alpha)
    {
        ExactBinomial.RequireLevel(alpha);
        double level = -Math.Log(alpha);
        double[] data = xs.ToArray();
        bool Refuted(double exponent) => LogEValueOf(Scaled(data, Math.Pow(2.0, exponent)), bound) >= level;

        const double limit = 100.0;
        if (!Refuted(limit))
        {
            return double.PositiveInfinity;
        }

        if (Refuted(-limit))
        {
            return 0.0;
        }

        (double low, double high) = (-limit, limit);
        while (high - low > 1e-9)
        {
            double middle = low + (high - low) / 2;
            (low, high) = Refuted(middle) ? (low, middle) : (middle, high);
        }

        return Math.Pow(2.0, high);
    }

    private static double[] Scaled(double[] xs, double c) => Array.ConvertAll(xs, x => c * x);
}

/// <summary>
/// The wealth of 24 constant bets as mantissas with one common power of two; the order of all operations is fixed.
/// </summary>
internal struct BettingWealth
{
    private const int Bets = 24;
    private const double LargestRatio = 1e200;
    private const double Large = 1.3e90;
    private const int LargeExponent = 300;

    private static readonly Vector512<double> Lambda0 = Grid(0);
    private static readonly Vector512<double> Lambda1 = Grid(8);
    private static readonly Vector512<double> Lambda2 = Grid(16);

    private Vector512<double> wealth0;
    private Vector512<double> wealth1;
    private Vector512<double> wealth2;
    private int exponent;
    private double sum;
    private double peak;
    private int peakExponent;
    private bool refuted;

    public static BettingWealth Start()
    {
        Vector512<double> even = Vector512.Create(1.0 / Bets);
        return new BettingWealth { wealth0 = even, wealth1 = even, wealth2 = even, sum = 1.0, peak = 1.0 };
    }

    public readonly double LogWealth => refuted ? double.PositiveInfinity : Math.Log(sum) + exponent * Math.Log(2.0);

    public readonly double LogPeak =>
        refuted ? double.PositiveInfinity : Math.Max(0.0, Math.Log(peak) + peakExponent * Math.Log(2.0));

    /// <summary>Multiplies every bet's wealth by 1 + λ(excess/allowed − 1).</summary>
    public void Bet(double excess, double allowed)
    {
        if (double.IsPositiveInfinity(allowed) || refuted)
        {
            return;
        }

        if (allowed < 0.0 || double.IsPositiveInfinity(excess) || (allowed == 0.0 && excess > 0.0))
        {
            refuted = true;
            return;
        }

        // A ratio beyond 10²⁰⁰ is cut, which only lowers the wealth. 0/0: what H0 allows exactly, no bet is won or lost.
        double ratio = allowed == 0.0 ? 1.0 : Math.Min(excess / allowed, LargestRatio);
        Vector512<double> gain = Vector512.Create(ratio - 1.0);
        wealth0 += wealth0 * (Lambda0 * gain);
        wealth1 += wealth1 * (Lambda1 * gain);
        wealth2 += wealth2 * (Lambda2 * gain);
        Total();
        Rescale();
        if (exponent > peakExponent ? Math.ScaleB(sum, exponent - peakExponent) > peak : sum > Math.ScaleB(peak, peakExponent - exponent))
        {
            peak = sum;
            peakExponent = exponent;
        }
    }

    private void Total()
    {
        Vector512<double> all = wealth0 + wealth1 + wealth2;
        Vector256<double> four = all.GetLower() + all.GetUpper();
        Vector128<double> two = four.GetLower() + four.GetUpper();
        sum = two[0] + two[1];
    }

    /// <summary>Brings the sum back into 2^±300 by an exact power of two.</summary>
    private void Rescale()
    {
        while (sum > Large)
        {
            Shift(-LargeExponent);
        }

        while (sum < 1.0 / Large && sum > 0.0)
        {
            Shift(LargeExponent);
        }
    }

    private void Shift(int by)
    {
        double factor = Math.ScaleB(1.0, by);
        wealth0 *= factor;
        wealth1 *= factor;
        wealth2 *= factor;
        sum *= factor;
        exponent -= by;
    }

    private static Vector512<double> Grid(int from)
    {
        Span<double> lambdas = stackalloc double[8];
        for (int j = 0; j < 8; j++)
        {
            lambdas[j] = Math.ScaleB((from + j) % 2 == 0 ? 1.0 : Math.Sqrt(0.5), -((from + j) / 2));
        }

        return Vector512.Create<double>(lambdas);
    }
}
