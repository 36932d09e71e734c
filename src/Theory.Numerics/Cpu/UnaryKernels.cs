using System.Runtime.Intrinsics;

namespace Theory.Numerics;

/// <summary>The functions of one argument, each the vector form of its definition in <see cref="Scalar"/>.</summary>
internal static class UnaryKernels
{
    private static Vector512<double> One => Vector512<double>.One;

    private static Vector512<double> Sign(Vector512<double> x)
    {
        Vector512<double> negative = Vector512.ConditionalSelect(
            Vector512.LessThan(x, Vector512<double>.Zero), Vector512.Create(-1.0), x * Vector512<double>.Zero);
        return Vector512.ConditionalSelect(Vector512.GreaterThan(x, Vector512<double>.Zero), One, negative);
    }

    private static Vector512<double> LogOnePlus(Vector512<double> t)
    {
        Vector512<double> u = One + t;
        return Logarithm.Of(u) - ((u - One - t) / u);
    }

    public readonly struct Abs : IUnaryKernel
    {
        public Vector512<double> Of(Vector512<double> x) => Vector512.Abs(x);
    }

    public readonly struct Signs : IUnaryKernel
    {
        public Vector512<double> Of(Vector512<double> x) => Sign(x);
    }

    public readonly struct Square : IUnaryKernel
    {
        public Vector512<double> Of(Vector512<double> x) => x * x;
    }

    public readonly struct SquareRoot : IUnaryKernel
    {
        public Vector512<double> Of(Vector512<double> x) => Vector512.Sqrt(x);
    }

    public readonly struct Reciprocal : IUnaryKernel
    {
        public Vector512<double> Of(Vector512<double> x) => One / x;
    }

    public readonly struct Exp : IUnaryKernel
    {
        public Vector512<double> Of(Vector512<double> x) => Exponential.Of(x);
    }

    public readonly struct Log : IUnaryKernel
    {
        public Vector512<double> Of(Vector512<double> x) => Logarithm.Of(x);
    }

    public readonly struct Sigmoid : IUnaryKernel
    {
        public Vector512<double> Of(Vector512<double> x)
        {
            Vector512<double> e = Exponential.Of(-Vector512.Abs(x));
            Vector512<double> up = Vector512.GreaterThanOrEqual(x, Vector512<double>.Zero);
            return Vector512.ConditionalSelect(up, One, e) / (One + e);
        }
    }

    public readonly struct Softplus : IUnaryKernel
    {
        public Vector512<double> Of(Vector512<double> x) =>
            Vector512.Max(x, Vector512<double>.Zero) + LogOnePlus(Exponential.Of(-Vector512.Abs(x)));
    }

    public readonly struct SoftThreshold(double a) : IUnaryKernel
    {
        public Vector512<double> Of(Vector512<double> x) =>
            Sign(x) * Vector512.Max(Vector512.Abs(x) - Vector512.Create(a), Vector512<double>.Zero);
    }

    public readonly struct Clamp(double low, double high) : IUnaryKernel
    {
        public Vector512<double> Of(Vector512<double> x) =>
            Vector512.Min(Vector512.Max(x, Vector512.Create(low)), Vector512.Create(high));
    }

    public readonly struct AddConstant(double a) : IUnaryKernel
    {
        public Vector512<double> Of(Vector512<double> x) => x + Vector512.Create(a);
    }
}

/// <summary>The functions of two arguments.</summary>
internal static class BinaryKernels
{
    public readonly struct Multiply : IBinaryKernel
    {
        public static Vector512<double> Of(Vector512<double> x, Vector512<double> y) => x * y;
    }

    public readonly struct Divide : IBinaryKernel
    {
        public static Vector512<double> Of(Vector512<double> x, Vector512<double> y) => x / y;
    }

    public readonly struct Min : IBinaryKernel
    {
        public static Vector512<double> Of(Vector512<double> x, Vector512<double> y) => Vector512.Min(x, y);
    }

    public readonly struct Max : IBinaryKernel
    {
        public static Vector512<double> Of(Vector512<double> x, Vector512<double> y) => Vector512.Max(x, y);
    }
}
