using System.Numerics;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;
using Theory.Numerics;

namespace Theory.Cli.Doctor;

/// <summary>What this build itself runs on: runtime, cores, vectors, engines, catalogue.</summary>
internal static class Machine
{
    /// <summary>Rows and columns of the matrix that the engines are tried on.</summary>
    private const int Size = 16;

    public static Check Runtime() => new(
        ".NET runtime",
        true,
        Required: true,
        $"{RuntimeInformation.FrameworkDescription[5..]} on {RuntimeInformation.OSDescription}, {RuntimeInformation.ProcessArchitecture}",
        "everything",
        null);

    public static Check Cores() => new("cores", true, Required: true, $"{Environment.ProcessorCount}; --threads takes fewer", "everything", null);

    public static Check Simd()
    {
        int bits = Vector512.IsHardwareAccelerated ? 512 : Vector256.IsHardwareAccelerated ? 256 : Vector128.IsHardwareAccelerated ? 128 : 0;
        (string Name, bool Has)[] sets =
        [
            ("AVX-512", Avx512F.IsSupported), ("AVX2", Avx2.IsSupported), ("FMA", Fma.IsSupported), ("SSE2", Sse2.IsSupported), ("NEON", AdvSimd.IsSupported),
        ];
        string has = string.Join(", ", sets.Where(s => s.Has).Select(s => s.Name));
        string width = bits == 0 ? "no vectors: scalar code, slower" : $"{bits} bits ({has}), Vector<double> holds {Vector<double>.Count}";
        return new Check("SIMD", bits > 0, Required: false, width, "the speed of the cpu engine", null);
    }

    /// <summary>Each engine computes a small matrix product as the reference does.</summary>
    public static Check EnginesFound()
    {
        double[] expected = Product(Engines.Reference);
        string[] wrong = [.. Engines.All.Where(e => !Product(e).Zip(expected).All(p => Same(p.First, p.Second))).Select(e => e.Name)];
        string found = wrong.Length == 0
            ? $"{string.Join(", ", Engines.All.Select(e => e.Name))}; they agree on a matrix product"
            : $"a matrix product of {string.Join(", ", wrong)} is not that of reference";
        return new Check("engines", wrong.Length == 0, Required: true, found, "everything", null);
    }

    private static double[] Product(IEngine engine)
    {
        double[] values = [.. Enumerable.Range(1, Size * Size).Select(i => Math.Sin(i))];
        Block x = engine.Upload(Shape.Matrix(1, 1, Size, Size), values);
        double[] product = new double[values.Length];
        engine.Download(engine.MatrixProduct(x, false, x, true), product);
        return product;
    }

    /// <summary>Each entry is a sum of so many products of numbers up to 1.</summary>
    private static bool Same(double a, double b) => Math.Abs(a - b) <= Rounding.identity(2 * Size, Size);

    public static Check Catalogue()
    {
        Theory.Catalogue catalogue = Session.Catalogue;
        return new Check("catalogue", !catalogue.Claims.IsEmpty, Required: true, $"{catalogue.Papers.Length} papers, {catalogue.Claims.Length} claims", "everything", null);
    }
}
