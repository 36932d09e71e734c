using System.Diagnostics;
using System.Runtime.Intrinsics;

namespace Theory.Bench;

/// <summary>A table of best times in a few seconds; for orientation while a kernel is being changed. Kernels are chosen by a part of their name.</summary>
internal static class Quick
{
    public static void Run(string part)
    {
        void Time(string name, double operations, Action action)
        {
            if (name.Contains(part, StringComparison.OrdinalIgnoreCase))
            {
                Best(name, operations, action);
            }
        }

        var w = new Workloads();
        Console.WriteLine($"vectors of eight in hardware: {Vector512.IsHardwareAccelerated}");
        Console.WriteLine($"{"kernel",-34}{"best µs",12}{"GFLOP/s",12}");
        Time("gemm 512, 1 thread", 2.0 * 512 * 512 * 512, w.Gemm512);
        Time("gemm 512, 2 threads", 2.0 * 512 * 512 * 512, w.Gemm512TwoThreads);
        Time("apply 256×100, 64 lanes", 2.0 * 256 * 100 * 64, () => w.Apply());
        Time("apply 256×100, 1 lane", 2.0 * 256 * 100, () => w.ApplyOneLane());
        Time("combine 3 terms, 10×32×100", 2.0 * 3 * 32000, () => w.Combine());
        Time("combine 3 terms, 1×8×10", 2.0 * 3 * 80, () => w.CombineSmall());
        Time("apply 10×10, 8 lanes", 2.0 * 800, () => w.ApplySmall());
        Time("norm squared, 1×8×10", 2.0 * 80, () => w.NormSmall());
        Time("dot, 10×32×100", 2.0 * 32000, () => w.Dot());
        Time("sigmoid, 10×32×100", 32000, () => w.Sigmoid());
        Time("top 10 of 100, 10×32", 32000, () => w.TopK());
        Time("matrix product 32, 64 lanes", 2.0 * 32 * 32 * 32 * 64, () => w.MatrixProduct32());
        Time("matrix product 32 · 32ᵀ, 64 lanes", 2.0 * 32 * 32 * 32 * 64, () => w.MatrixProduct32Transposed());
    }

    private static void Best(string name, double operations, Action action)
    {
        double best = double.MaxValue;
        int repeats = operations < 1e5 ? 100 : 1;
        var total = Stopwatch.StartNew();
        for (int i = 0; i < 50 || (total.Elapsed.TotalSeconds < 1.0 && i < 20000); i++)
        {
            long start = Stopwatch.GetTimestamp();
            for (int j = 0; j < repeats; j++)
            {
                action();
            }

            best = Math.Min(best, Stopwatch.GetElapsedTime(start).TotalSeconds / repeats);
        }

        Console.WriteLine($"{name,-34}{best * 1e6,12:F2}{operations / best / 1e9,12:F2}");
    }
}
