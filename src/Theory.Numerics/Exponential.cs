using System.Runtime.Intrinsics;

namespace Theory.Numerics;

/// <summary>
/// eˣ within one unit in the last place, for one value and for eight, by the same operations: x = n·ln 2 + r, the Taylor
/// polynomial of degree 13 in r (|r| ≤ ln 2 / 2), and 2ⁿ in two factors so that subnormal results and overflow come out
/// right. The runtime's own vector exponential takes another path for a whole vector when one of its values is extreme,
/// so there a value's result would depend on its neighbours.
/// </summary>
internal static class Exponential
{
    private const double Log2E = 1.4426950408889634074;
    private const double Ln2High = 6.93147180369123816490e-01;
    private const double Ln2Low = 1.90821492927058770002e-10;
    private const double Lowest = -746.0;
    private const double Highest = 710.0;

    /// <summary>1.5·2⁵²: adding it leaves the nearest integer in the low bits.</summary>
    private const double Rounder = 6755399441055744.0;

    private const long Bias = 1023;

    // 1/k!, the coefficients of the polynomial.
    private const double C13 = 1.0 / 6227020800.0;
    private const double C12 = 1.0 / 479001600.0;
    private const double C11 = 1.0 / 39916800.0;
    private const double C10 = 1.0 / 3628800.0;
    private const double C9 = 1.0 / 362880.0;
    private const double C8 = 1.0 / 40320.0;
    private const double C7 = 1.0 / 5040.0;
    private const double C6 = 1.0 / 720.0;
    private const double C5 = 1.0 / 120.0;
    private const double C4 = 1.0 / 24.0;
    private const double C3 = 1.0 / 6.0;
    private const double C2 = 1.0 / 2.0;

    /// <summary>eˣ.</summary>
    public static double Of(double x)
    {
        x = Math.Min(Math.Max(x, Lowest), Highest);
        double shifted = Math.FusedMultiplyAdd(x, Log2E, Rounder);
        double n = shifted - Rounder;
        double r = Math.FusedMultiplyAdd(n, -Ln2High, x);
        r = Math.FusedMultiplyAdd(n, -Ln2Low, r);
        double p = Math.FusedMultiplyAdd(C13, r, C12);
        p = Math.FusedMultiplyAdd(p, r, C11);
        p = Math.FusedMultiplyAdd(p, r, C10);
        p = Math.FusedMultiplyAdd(p, r, C9);
        p = Math.FusedMultiplyAdd(p, r, C8);
        p = Math.FusedMultiplyAdd(p, r, C7);
        p = Math.FusedMultiplyAdd(p, r, C6);
        p = Math.FusedMultiplyAdd(p, r, C5);
        p = Math.FusedMultiplyAdd(p, r, C4);
        p = Math.FusedMultiplyAdd(p, r, C3);
        p = Math.FusedMultiplyAdd(p, r, C2);
        p = Math.FusedMultiplyAdd(p, r, 1.0);
        p = Math.FusedMultiplyAdd(p, r, 1.0);
        long exponent = BitConverter.DoubleToInt64Bits(shifted) - BitConverter.DoubleToInt64Bits(Rounder);
        long half = exponent >> 1;
        double first = BitConverter.Int64BitsToDouble((half + Bias) << 52);
        double second = BitConverter.Int64BitsToDouble((exponent - half + Bias) << 52);
        return p * first * second;
    }

    /// <summary>eˣ, eight at once.</summary>
    public static Vector512<double> Of(Vector512<double> x)
    {
        x = Vector512.Min(Vector512.Max(x, Vector512.Create(Lowest)), Vector512.Create(Highest));
        Vector512<double> rounder = Vector512.Create(Rounder);
        Vector512<double> shifted = Vector512.FusedMultiplyAdd(x, Vector512.Create(Log2E), rounder);
        Vector512<double> n = shifted - rounder;
        Vector512<double> r = Vector512.FusedMultiplyAdd(n, Vector512.Create(-Ln2High), x);
        r = Vector512.FusedMultiplyAdd(n, Vector512.Create(-Ln2Low), r);
        Vector512<double> p = Vector512.FusedMultiplyAdd(Vector512.Create(C13), r, Vector512.Create(C12));
        p = Vector512.FusedMultiplyAdd(p, r, Vector512.Create(C11));
        p = Vector512.FusedMultiplyAdd(p, r, Vector512.Create(C10));
        p = Vector512.FusedMultiplyAdd(p, r, Vector512.Create(C9));
        p = Vector512.FusedMultiplyAdd(p, r, Vector512.Create(C8));
        p = Vector512.FusedMultiplyAdd(p, r, Vector512.Create(C7));
        p = Vector512.FusedMultiplyAdd(p, r, Vector512.Create(C6));
        p = Vector512.FusedMultiplyAdd(p, r, Vector512.Create(C5));
        p = Vector512.FusedMultiplyAdd(p, r, Vector512.Create(C4));
        p = Vector512.FusedMultiplyAdd(p, r, Vector512.Create(C3));
        p = Vector512.FusedMultiplyAdd(p, r, Vector512.Create(C2));
        p = Vector512.FusedMultiplyAdd(p, r, Vector512<double>.One);
        p = Vector512.FusedMultiplyAdd(p, r, Vector512<double>.One);
        Vector512<long> exponent = shifted.AsInt64() - rounder.AsInt64();
        Vector512<long> half = exponent >> 1;
        Vector512<long> bias = Vector512.Create(Bias);
        return p * ((half + bias) << 52).AsDouble() * ((exponent - half + bias) << 52).AsDouble();
    }
}
