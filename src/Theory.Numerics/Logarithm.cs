using System.Runtime.Intrinsics;

namespace Theory.Numerics;

/// <summary>
/// ln x within one unit in the last place, for one value and for eight, by the same operations: x = 2ᵏ·m with
/// √½ ≤ m &lt; √2, and ln m from the polynomial of fdlibm in s² where s = (m − 1)/(m + 1).
/// </summary>
internal static class Logarithm
{
    private const double Ln2High = 6.93147180369123816490e-01;
    private const double Ln2Low = 1.90821492927058770002e-10;
    private const double SmallestNormal = 2.2250738585072014e-308;

    /// <summary>2⁵⁴, which makes every subnormal value normal.</summary>
    private const double Lift = 18014398509481984.0;

    private const long RootHalf = 0x3FE6_A09E_667F_3BCD;
    private const long Mantissa = 0x000F_FFFF_FFFF_FFFF;

    private const double C1 = 6.666666666666735130e-01;
    private const double C2 = 3.999999999940941908e-01;
    private const double C3 = 2.857142874366239149e-01;
    private const double C4 = 2.222219843214978396e-01;
    private const double C5 = 1.818357216161805012e-01;
    private const double C6 = 1.531383769920937332e-01;
    private const double C7 = 1.479819860511658591e-01;

    /// <summary>ln x.</summary>
    public static double Of(double x)
    {
        bool tiny = x < SmallestNormal;
        long bits = BitConverter.DoubleToInt64Bits(tiny ? x * Lift : x) - RootHalf;
        double k = (bits >> 52) - (tiny ? 54.0 : 0.0);
        double f = BitConverter.Int64BitsToDouble((bits & Mantissa) + RootHalf) - 1.0;
        double s = f / (2.0 + f);
        double z = s * s;
        double p = Math.FusedMultiplyAdd(C7, z, C6);
        p = Math.FusedMultiplyAdd(p, z, C5);
        p = Math.FusedMultiplyAdd(p, z, C4);
        p = Math.FusedMultiplyAdd(p, z, C3);
        p = Math.FusedMultiplyAdd(p, z, C2);
        p = Math.FusedMultiplyAdd(p, z, C1);
        double half = 0.5 * f * f;
        double result = k * Ln2High - (half - (s * (half + z * p) + k * Ln2Low) - f);
        result = x > 0.0 ? result : x == 0.0 ? double.NegativeInfinity : double.NaN;
        return x == double.PositiveInfinity ? x : result;
    }

    /// <summary>ln x, eight at once.</summary>
    public static Vector512<double> Of(Vector512<double> x)
    {
        Vector512<double> tiny = Vector512.LessThan(x, Vector512.Create(SmallestNormal));
        Vector512<double> lifted = Vector512.ConditionalSelect(tiny, x * Vector512.Create(Lift), x);
        Vector512<long> root = Vector512.Create(RootHalf);
        Vector512<long> bits = lifted.AsInt64() - root;
        Vector512<double> k = Vector512.ConvertToDouble(bits >> 52) - (tiny & Vector512.Create(54.0));
        Vector512<double> one = Vector512<double>.One;
        Vector512<double> f = ((bits & Vector512.Create(Mantissa)) + root).AsDouble() - one;
        Vector512<double> s = f / (Vector512.Create(2.0) + f);
        Vector512<double> z = s * s;
        Vector512<double> p = Vector512.FusedMultiplyAdd(Vector512.Create(C7), z, Vector512.Create(C6));
        p = Vector512.FusedMultiplyAdd(p, z, Vector512.Create(C5));
        p = Vector512.FusedMultiplyAdd(p, z, Vector512.Create(C4));
        p = Vector512.FusedMultiplyAdd(p, z, Vector512.Create(C3));
        p = Vector512.FusedMultiplyAdd(p, z, Vector512.Create(C2));
        p = Vector512.FusedMultiplyAdd(p, z, Vector512.Create(C1));
        Vector512<double> half = Vector512.Create(0.5) * f * f;
        Vector512<double> low = s * (half + z * p) + k * Vector512.Create(Ln2Low);
        Vector512<double> result = k * Vector512.Create(Ln2High) - (half - low - f);
        return Ends(x, result);
    }

    private static Vector512<double> Ends(Vector512<double> x, Vector512<double> result)
    {
        Vector512<double> zero = Vector512<double>.Zero;
        Vector512<double> infinity = Vector512.Create(double.PositiveInfinity);
        Vector512<double> below = Vector512.ConditionalSelect(
            Vector512.Equals(x, zero), -infinity, Vector512.Create(double.NaN));
        result = Vector512.ConditionalSelect(Vector512.GreaterThan(x, zero), result, below);
        return Vector512.ConditionalSelect(Vector512.Equals(x, infinity), x, result);
    }
}
