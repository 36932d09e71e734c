namespace Theory.Numerics;

/// <summary>The elementwise functions for one value: the definition that every engine's kernels meet.</summary>
internal static class Scalar
{
    private const double Ln2 = 0.693147180559945309417;

    /// <summary>ln(1 + t) for t ≥ 0: the logarithm of the rounded sum, corrected by the sum's rounding error.</summary>
    public static double LogOnePlus(double t)
    {
        double u = 1.0 + t;
        return Logarithm.Of(u) - ((u - 1.0 - t) / u);
    }

    public static double Sign(double x) => x > 0.0 ? 1.0 : x < 0.0 ? -1.0 : x * 0.0;

    public static double Sigmoid(double x)
    {
        double e = Exponential.Of(-Math.Abs(x));
        double denominator = 1.0 + e;
        return (x >= 0.0 ? 1.0 : e) / denominator;
    }

    public static double Softplus(double x) => Math.Max(x, 0.0) + LogOnePlus(Exponential.Of(-Math.Abs(x)));

    public static double LogCosh(double x)
    {
        double a = Math.Abs(x);
        if (a < 1.0)
        {
            double s = Math.Sinh(a);
            return 0.5 * LogOnePlus(s * s);
        }

        return a - Ln2 + LogOnePlus(Exponential.Of(-2.0 * a));
    }

    public static double SoftThreshold(double x, double a) => Sign(x) * Math.Max(Math.Abs(x) - a, 0.0);

    public static double Evaluate(Unary function, double a, double b, double x) => function switch
    {
        Unary.Abs => Math.Abs(x),
        Unary.Sign => Sign(x),
        Unary.Square => x * x,
        Unary.SquareRoot => Math.Sqrt(x),
        Unary.Reciprocal => 1.0 / x,
        Unary.Exp => Exponential.Of(x),
        Unary.Log => Logarithm.Of(x),
        Unary.Sigmoid => Sigmoid(x),
        Unary.Softplus => Softplus(x),
        Unary.Tanh => Math.Tanh(x),
        Unary.LogCosh => LogCosh(x),
        Unary.SoftThreshold => SoftThreshold(x, a),
        Unary.Clamp => Math.Min(Math.Max(x, a), b),
        Unary.Power => Math.Pow(x, a),
        Unary.AddConstant => x + a,
        _ => throw new ArgumentOutOfRangeException(nameof(function), function, "No such function."),
    };

    public static double Evaluate(Binary function, double x, double y) => function switch
    {
        Binary.Multiply => x * y,
        Binary.Divide => x / y,
        Binary.Min => Math.Min(x, y),
        Binary.Max => Math.Max(x, y),
        _ => throw new ArgumentOutOfRangeException(nameof(function), function, "No such function."),
    };
}
