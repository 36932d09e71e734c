namespace Theory.Api;

/// <summary>Problem instances with certified constants and exact solutions.</summary>
public static class Problems
{
    /// <summary>f(x) = ½(x − b)ᵀA(x − b): one quadratic, a finite sum of one summand.</summary>
    /// <param name="a">Symmetric positive semidefinite, d × d.</param>
    /// <param name="b">The centre, d numbers.</param>
    /// <exception cref="ArgumentException">The sizes differ, a number is not finite, or A is not symmetric positive
    /// semidefinite.</exception>
    public static FiniteSum Quadratic(double[,] a, double[] b)
    {
        ArgumentNullException.ThrowIfNull(a);
        ArgumentNullException.ThrowIfNull(b);
        return Build("quadratic", [Matrix(a, nameof(a))], [Centre(b, a.GetLength(0), nameof(b))], nameof(a));
    }

    /// <summary>f = (1/n) Σ f_i with f_i(x) = ½(x − b_i)ᵀA_i(x − b_i). The A_i are symmetric, their mean positive
    /// semidefinite.</summary>
    /// <param name="a">n matrices, d × d.</param>
    /// <param name="b">n centres of d numbers.</param>
    /// <exception cref="ArgumentException">The sizes differ, a number is not finite, a matrix is not symmetric, or the
    /// mean is not positive semidefinite.</exception>
    public static FiniteSum Quadratics(IReadOnlyList<double[,]> a, IReadOnlyList<double[]> b)
    {
        double[][,] matrices = Check.Items(a);
        double[][] centres = Check.Items(b);
        if (matrices.Length == 0)
        {
            throw new ArgumentException("At least one matrix is needed.", nameof(a));
        }

        if (centres.Length != matrices.Length)
        {
            throw new ArgumentException($"{matrices.Length} matrices need as many centres, not {centres.Length}.", nameof(b));
        }

        int dimension = matrices[0].GetLength(0);
        return Build(
            $"{matrices.Length} quadratics, d = {dimension}",
            [.. matrices.Select((m, i) => Matrix(m, $"{nameof(a)}[{i}]"))],
            [.. centres.Select((c, i) => Centre(c, dimension, $"{nameof(b)}[{i}]"))],
            nameof(a));
    }

    /// <summary>f(x) = ½ Σ λ_j x_j²: a quadratic with these eigenvalues, minimised at the origin.</summary>
    /// <param name="spectrum">The λ_j: finite, nonnegative, not all 0.</param>
    /// <exception cref="ArgumentException">There are none, or they are not as above.</exception>
    public static FiniteSum Diagonal(params double[] spectrum)
    {
        ArgumentNullException.ThrowIfNull(spectrum);
        int at = Array.FindIndex(spectrum, v => !(double.IsFinite(v) && v >= 0.0));
        return at >= 0
            ? throw new ArgumentOutOfRangeException(nameof(spectrum), spectrum[at], $"Eigenvalue {at} must be finite and nonnegative.")
            : !spectrum.Any(v => v > 0.0)
            ? throw new ArgumentException("At least one eigenvalue must be positive.", nameof(spectrum))
            : (FiniteSum)Problem.Of(Core.Problems.QuadraticModule.diagonal([.. spectrum]));
    }

    /// <summary>n quadratics with spectrum geometric from 1 to κ in random orthogonal frames, centres Gaussian.</summary>
    /// <param name="workers">n ≥ 1.</param>
    /// <param name="dimension">d ≥ 1.</param>
    /// <param name="kappa">Condition number κ ≥ 1 of every summand; μ = 1, L = κ.</param>
    /// <param name="spread">Scale of the centres; 0 makes all summands share their minimiser.</param>
    /// <param name="seed">Chooses frames and centres.</param>
    /// <exception cref="ArgumentOutOfRangeException">A number is not as above.</exception>
    public static FiniteSum RandomQuadratics(int workers, int dimension, double kappa, double spread = 1.0, int seed = 1)
    {
        _ = Check.AtLeast(1, workers);
        _ = Check.AtLeast(1, dimension);
        _ = Check.Finite(spread);
        return Check.Finite(kappa) >= 1.0
            ? (FiniteSum)Problem.Of(Core.Problems.QuadraticModule.distributed(new(workers, dimension, kappa, spread, seed)))
            : throw new ArgumentOutOfRangeException(nameof(kappa), kappa, "A condition number is at least 1.");
    }

    /// <summary>Names of the problems that <see cref="Build(string)"/> knows.</summary>
    public static IReadOnlyList<string> Names => [.. Core.Problems.ProblemCatalogue.entries.Select(e => e.Name)];

    /// <summary>A problem by name and parameters, as the command line takes it: "quadratic:n=10,d=20,kappa=100",
    /// "logistic:n=10,rows=200".</summary>
    /// <exception cref="ArgumentException">There is no such problem or parameter, or a value does not fit; the message
    /// says what would.</exception>
    public static Problem Build(string description) =>
        Problem.Of(Core.Problems.ProblemCatalogue.build(Check.Text(description)));

    private static FiniteSum Build(string name, Matrix[] matrices, double[][] centres, string parameter)
    {
        try
        {
            return (FiniteSum)Problem.Of(new Core.Problems.Quadratic(name, matrices, centres));
        }
        catch (ArgumentException error)
        {
            // The library's own parameter names say nothing to the caller.
            throw new ArgumentException(error.Message, parameter, error);
        }
    }

    private static Matrix Matrix(double[,] values, string name)
    {
        int size = values.GetLength(0);
        if (size == 0 || values.GetLength(1) != size)
        {
            throw new ArgumentException($"A Hessian is square, d × d with d ≥ 1; {name} is {size} × {values.GetLength(1)}.", name);
        }

        foreach (double value in values)
        {
            _ = Check.Finite(value, name);
        }

        return Numerics.Matrix.Create(size, size, (i, j) => values[i, j]);
    }

    private static double[] Centre(double[] values, int dimension, string name)
    {
        if (values.Length != dimension)
        {
            throw new ArgumentException($"{name} has {values.Length} numbers, the matrix {dimension} rows.", name);
        }

        return [.. values.Select(v => Check.Finite(v, name))];
    }
}
