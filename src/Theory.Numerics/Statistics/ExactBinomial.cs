using MathNet.Numerics;

namespace Theory.Numerics;

/// <summary>
/// Exact tails and tests of a binomial count. The tails are regularised incomplete beta functions, each called on the
/// side where it is computed directly, so small probabilities keep their relative accuracy.
/// </summary>
public static class ExactBinomial
{
    /// <summary>P(X ≥ k) for X ~ Bin(n, p): I_p(k, n − k + 1).</summary>
    public static double UpperTail(long k, long n, double p)
    {
        RequireTrials(n, p);
        if (k <= 0)
        {
            return 1.0;
        }

        return k > n || p == 0.0 ? 0.0 : p == 1.0 ? 1.0 : SpecialFunctions.BetaRegularized(k, n - k + 1, p);
    }

    /// <summary>P(X ≤ k) for X ~ Bin(n, p): I_{1−p}(n − k, k + 1).</summary>
    public static double LowerTail(long k, long n, double p)
    {
        RequireTrials(n, p);
        if (k >= n)
        {
            return 1.0;
        }

        return k < 0 || p == 1.0 ? 0.0 : p == 0.0 ? 1.0 : SpecialFunctions.BetaRegularized(n - k, k + 1, 1.0 - p);
    }

    /// <summary>
    /// True where <paramref name="failures"/> of <paramref name="n"/> refute H0: P(failure) ≤ <paramref name="p0"/>
    /// with error probability at most <paramref name="alpha"/>: P(X ≥ failures | p0) ≤ alpha. For a number of trials
    /// fixed in advance; see <see cref="BinomialEProcess"/> otherwise.
    /// </summary>
    public static bool Rejects(long failures, long n, double p0, double alpha)
    {
        RequireCount(failures, n);
        RequireLevel(alpha);
        return UpperTail(failures, n, p0) <= alpha;
    }

    /// <summary>
    /// Clopper–Pearson: the largest p not refuted from above, P(X ≤ failures | p) = alpha. The true probability lies
    /// above it with probability at most <paramref name="alpha"/>.
    /// </summary>
    public static double UpperBound(long failures, long n, double alpha)
    {
        RequireCount(failures, n);
        RequireLevel(alpha);
        if (failures == n)
        {
            return 1.0;
        }

        // LowerTail decreases in p; keep the end where it is below alpha.
        (double low, double high) = (0.0, 1.0);
        while (Middle(low, high, out double middle))
        {
            (low, high) = LowerTail(failures, n, middle) > alpha ? (middle, high) : (low, middle);
        }

        return high;
    }

    /// <summary>
    /// Clopper–Pearson: the smallest p not refuted from below, P(X ≥ failures | p) = alpha. The true probability lies
    /// below it with probability at most <paramref name="alpha"/>.
    /// </summary>
    public static double LowerBound(long failures, long n, double alpha)
    {
        RequireCount(failures, n);
        RequireLevel(alpha);
        if (failures == 0)
        {
            return 0.0;
        }

        // UpperTail increases in p; keep the end where it is below alpha.
        (double low, double high) = (0.0, 1.0);
        while (Middle(low, high, out double middle))
        {
            (low, high) = UpperTail(failures, n, middle) > alpha ? (low, middle) : (middle, high);
        }

        return low;
    }

    /// <summary>The two-sided Clopper–Pearson interval of coverage at least 1 − <paramref name="alpha"/>.</summary>
    public static (double Low, double High) Interval(long failures, long n, double alpha) =>
        (LowerBound(failures, n, alpha / 2), UpperBound(failures, n, alpha / 2));

    /// <summary>Bisects until the bracket is as narrow as a relative 10⁻¹³.</summary>
    private static bool Middle(double low, double high, out double middle)
    {
        middle = low + (high - low) / 2;
        return high - low > 1e-13 * high && high > 1e-300;
    }

    private static void RequireTrials(long n, double p)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(n, 1);
        if (!(p >= 0.0 && p <= 1.0))
        {
            throw new ArgumentOutOfRangeException(nameof(p), p, "A probability lies in [0, 1].");
        }
    }

    private static void RequireCount(long failures, long n)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(n, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(failures);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(failures, n);
    }

    internal static void RequireLevel(double alpha)
    {
        if (!(alpha > 0.0 && alpha < 1.0))
        {
            throw new ArgumentOutOfRangeException(nameof(alpha), alpha, "An error probability lies in (0, 1).");
        }
    }
}
