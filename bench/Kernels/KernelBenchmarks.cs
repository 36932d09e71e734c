using BenchmarkDotNet.Attributes;
using Theory.Numerics;

namespace Theory.Bench;

/// <summary>
/// The kernels that trajectories spend their time in, with what they allocate. Measured in this process, whose runtime
/// settings are the project's.
/// </summary>
[InProcess]
[MemoryDiagnoser]
public class KernelBenchmarks
{
    private readonly Workloads workloads = new();

    [Benchmark]
    public void Gemm512() => workloads.Gemm512();

    [Benchmark]
    public Block Apply256x100() => workloads.Apply();

    [Benchmark]
    public Block Apply256x100OneLane() => workloads.ApplyOneLane();

    [Benchmark]
    public Block Combine() => workloads.Combine();

    [Benchmark]
    public Block TopK() => workloads.TopK();

    [Benchmark]
    public Block Dot() => workloads.Dot();

    [Benchmark]
    public Block Sigmoid() => workloads.Sigmoid();

    [Benchmark]
    public Block MatrixProduct32() => workloads.MatrixProduct32();
}
