namespace Theory.Numerics;

/// <summary>
/// Elementary functions made of additions, multiplications, divisions and fused multiply-adds only, each correctly rounded
/// by IEEE 754, so that a draw has the same bits on every machine; the runtime's own functions come from the platform's
/// C library and differ in the last bit. Reductions and polynomials are those of Sun's fdlibm; errors are below 2 ulps
/// on the ranges the sampler uses.
/// </summary>
internal static class PortableMath
{
    internal const double Ln2High = 6.93147180369123816490e-01;
    internal const double Ln2Low = 1.90821492927058770002e-10;
    internal const double HalfPi = Math.PI / 2;
    private const double HalfPiHigh = 1.57079632673412561417e+00;
    private const double HalfPiLow = 6.07710050650619224932e-11;

    internal const double L1 = 6.666666666666735130e-01;
    internal const double L2 = 3.999999999940941908e-01;
    internal const double L3 = 2.857142874366239149e-01;
    internal const double L4 = 2.222219843214978396e-01;
    internal const double L5 = 1.818357216161805012e-01;
    internal const double L6 = 1.531383769920937332e-01;
    internal const double L7 = 1.479819860511658591e-01;

    internal const double S1 = -1.66666666666666324348e-01;
    internal const double S2 = 8.33333333332248946124e-03;
    internal const double S3 = -1.98412698298579493134e-04;
    internal const double S4 = 2.75573137070700676789e-06;
    internal const double S5 = -2.50507602534068634195e-08;
    internal const double S6 = 1.58969099521155010221e-10;

    internal const double C1 = 4.16666666666666019037e-02;
    internal const double C2 = -1.38888888888741095749e-03;
    internal const double C3 = 2.48015872894767294178e-05;
    internal const double C4 = -2.75573143513906633035e-07;
    internal const double C5 = 2.08757232129817482790e-09;
    internal const double C6 = -1.13596475577881948265e-11;

    /// <summary>The bits of √2/2, the lower end of the mantissa's range in <see cref="Log"/>.</summary>
    internal const long HalfRootTwoBits = 0x3FE6A09E667F3BCD;

    /// <summary>ln x for positive normal x.</summary>
    public static double Log(double x)
    {
        // x = 2^k·m with m in [√½, √2); ln m = ln((1 + s)/(1 − s)) with s = (m − 1)/(m + 1).
        long bits = BitConverter.DoubleToInt64Bits(x) - HalfRootTwoBits;
        double k = bits >> 52;
        double f = BitConverter.Int64BitsToDouble((bits & 0x000FFFFFFFFFFFFF) + HalfRootTwoBits) - 1.0;
        double s = f / (2.0 + f);
        double z = s * s;
        double r = Fma(z, L7, L6);
        r = Fma(z, r, L5);
        r = Fma(z, r, L4);
        r = Fma(z, r, L3);
        r = Fma(z, r, L2);
        r = z * Fma(z, r, L1);
        double h = 0.5 * f * f;
        double low = Fma(s, h + r, k * Ln2Low);
        return Fma(k, Ln2High, f - (h - low));
    }

    /// <summary>eˣ; 0 below −745 and +∞ above 709.78.</summary>
    public static double Exp(double x)
    {
        if (double.IsNaN(x))
        {
            return x;
        }

        if (x > 709.782712893384)
        {
            return double.PositiveInfinity;
        }

        if (x < -745.2)
        {
            return 0.0;
        }

        double k = Math.Round(x * 1.44269504088896338700);
        double high = x - k * Ln2High;
        double low = k * Ln2Low;
        double r = high - low;
        double t = r * r;
        double c = r - t * (1.66666666666666019037e-01 + t * (-2.77777777770155933842e-03
            + t * (6.61375632143793436117e-05 + t * (-1.65339022054652515390e-06 + t * 4.13813679705723846039e-08))));
        double y = 1.0 - ((low - r * c / (2.0 - c)) - high);
        return Math.ScaleB(y, (int)k);
    }

    /// <summary>eˣ − 1 without cancellation (Kahan: (y − 1)·x/ln y with y = eˣ rounded).</summary>
    public static double ExpMinusOne(double x)
    {
        double y = Exp(x);
        return y == 1.0 ? x : double.IsInfinity(y) || y < 0.25 ? y - 1.0 : (y - 1.0) * x / Log(y);
    }

    /// <summary>xᵖ for positive normal x.</summary>
    public static double Power(double x, double p) => Exp(p * Log(x));

    /// <summary>sin x for |x| ≤ π/4.</summary>
    public static double SinSmall(double x)
    {
        double z = x * x;
        double p = Fma(z, Fma(z, Fma(z, Fma(z, Fma(z, S6, S5), S4), S3), S2), S1);
        return Fma(x * z, p, x);
    }

    /// <summary>cos x for |x| ≤ π/4.</summary>
    public static double CosSmall(double x)
    {
        double z = x * x;
        double p = Fma(z, Fma(z, Fma(z, Fma(z, Fma(z, C6, C5), C4), C3), C2), C1);
        return 1.0 - Fma(z, 0.5, -(z * z * p));
    }

    /// <summary>sin x for |x| below about 10³.</summary>
    public static double Sin(double x)
    {
        double q = Math.Round(x / HalfPi);
        double r = x - q * HalfPiHigh - q * HalfPiLow;
        return ((int)q & 3) switch
        {
            0 => SinSmall(r),
            1 => CosSmall(r),
            2 => -SinSmall(r),
            _ => -CosSmall(r),
        };
    }

    private static double Fma(double x, double y, double z) => Math.FusedMultiplyAdd(x, y, z);
}
