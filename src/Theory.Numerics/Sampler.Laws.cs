namespace Theory.Numerics;

public static partial class Sampler
{
    /// <summary>
    /// Independent standard normals by Box–Muller: each Philox block gives a radius √(−2 ln u), an angle in a quadrant
    /// and the quadrant, hence two coordinates. |X| is at most 8.6.
    /// </summary>
    public static Block Gaussian(DrawAddress address, int workers, int lanes, int dimension) =>
        FillPairs<BoxMuller>(address, DrawKind.Gaussian, Shape.Vector(workers, lanes, dimension));

    /// <summary>A matrix of standard normals, drawn as lane 0 of worker 0 under a kind of its own.</summary>
    internal static Matrix GaussianMatrix(DrawAddress address, DrawKind kind, int rows, int columns)
    {
        var values = new double[rows * columns];
        FillPairs<BoxMuller>(address, kind, 0, values, values.Length);
        return new Matrix(rows, columns, values);
    }

    /// <summary>
    /// Symmetric Pareto: P(|X| > t) = (scale/t)ᵃ for t ≥ scale, with a fair sign. Moments of order below
    /// <paramref name="tailIndex"/> are finite: E|X|ᵖ = scaleᵖ·a/(a − p).
    /// </summary>
    public static Block SymmetricPareto(
        DrawAddress address, int workers, int lanes, int dimension, double tailIndex, double scale)
    {
        RequirePositive(tailIndex, nameof(tailIndex));
        RequirePositive(scale, nameof(scale));
        return Fill(address, DrawKind.SymmetricPareto, Shape.Vector(workers, lanes, dimension), (ref WordStream words) =>
        {
            ulong word = words.Next64();
            return Signed(word, scale * PortableMath.Exp(-PortableMath.Log(WordStream.Open(word)) / tailIndex));
        });
    }

    /// <summary>
    /// Student's t with <paramref name="nu"/> degrees of freedom, by Bailey's polar form
    /// √(ν(U^(−2/ν) − 1))·cos(2πV). The variance is ν/(ν − 2) for ν > 2; moments of order below ν are finite.
    /// </summary>
    public static Block StudentT(DrawAddress address, int workers, int lanes, int dimension, double nu)
    {
        RequirePositive(nu, nameof(nu));
        return Fill(address, DrawKind.StudentT, Shape.Vector(workers, lanes, dimension), (ref WordStream words) =>
        {
            double radius = nu * PortableMath.ExpMinusOne(-2.0 * PortableMath.Log(words.NextOpen()) / nu);
            // By symmetry half of the circle is enough: cos(πV).
            return Math.Sqrt(radius) * PortableMath.Sin(Math.PI * (0.5 - words.NextOpen()));
        });
    }

    /// <summary>
    /// ±<paramref name="amplitude"/> with probability <paramref name="probability"/>/2 each, 0 otherwise: mean 0,
    /// E|X|ᵖ = probability·amplitudeᵖ.
    /// </summary>
    public static Block ThreePoint(
        DrawAddress address, int workers, int lanes, int dimension, double amplitude, double probability)
    {
        if (!(probability >= 0.0 && probability <= 1.0))
        {
            throw new ArgumentOutOfRangeException(nameof(probability), probability, "A probability lies in [0, 1].");
        }

        return Fill(address, DrawKind.ThreePoint, Shape.Vector(workers, lanes, dimension), (ref WordStream words) =>
        {
            ulong word = words.Next64();
            return WordStream.Open(word) < probability ? Signed(word, amplitude) : 0.0;
        });
    }

    /// <summary>Laplace with density exp(−|x|/scale)/(2·scale): mean 0, variance 2·scale².</summary>
    public static Block Laplace(DrawAddress address, int workers, int lanes, int dimension, double scale)
    {
        RequirePositive(scale, nameof(scale));
        return Fill(address, DrawKind.Laplace, Shape.Vector(workers, lanes, dimension), (ref WordStream words) =>
        {
            ulong word = words.Next64();
            return Signed(word, -scale * PortableMath.Log(WordStream.Open(word)));
        });
    }

    /// <summary>
    /// Symmetric α-stable with characteristic function exp(−|t|^α), 0 &lt; α ≤ 2, by Chambers, Mallows and Stuck:
    /// sin(αV)/cos(V)^(1/α)·(cos((1−α)V)/W)^((1−α)/α) with V uniform on (−π/2, π/2) and W exponential. α = 2 is a
    /// normal of variance 2, α = 1 is Cauchy.
    /// </summary>
    public static Block SymmetricAlphaStable(DrawAddress address, int workers, int lanes, int dimension, double alpha)
    {
        if (!(alpha > 0.0 && alpha <= 2.0))
        {
            throw new ArgumentOutOfRangeException(nameof(alpha), alpha, "A stable law has 0 < alpha <= 2.");
        }

        double away = Math.Abs(1.0 - alpha);
        double power = (1.0 - alpha) / alpha;
        return Fill(address, DrawKind.SymmetricAlphaStable, Shape.Vector(workers, lanes, dimension), (ref WordStream words) =>
        {
            double u = words.NextOpen();
            double exponential = -PortableMath.Log(words.NextOpen());

            // The distance from V to the nearer end of (−π/2, π/2), so that the cosines near 0 keep their digits.
            double margin = Math.PI * Math.Min(u, 1.0 - u);
            double cosine = PortableMath.Sin(margin);
            double tilted = PortableMath.Sin(PortableMath.HalfPi * (1.0 - away) + away * margin);
            return PortableMath.Sin(alpha * Math.PI * (u - 0.5)) * PortableMath.Exp(
                power * (PortableMath.Log(tilted) - PortableMath.Log(exponential)) - PortableMath.Log(cosine) / alpha);
        });
    }

    /// <summary>The lowest bit of a word, which <see cref="WordStream.Open"/> does not use, as the sign.</summary>
    private static double Signed(ulong word, double magnitude) => (word & 1) == 0 ? magnitude : -magnitude;

    private static void RequirePositive(double value, string name)
    {
        if (!(value > 0.0 && double.IsFinite(value)))
        {
            throw new ArgumentOutOfRangeException(name, value, "The parameter must be positive and finite.");
        }
    }
}
