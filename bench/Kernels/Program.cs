using BenchmarkDotNet.Running;
using Theory.Bench;

if (args.Contains("--quick"))
{
    Quick.Run();
}
else
{
    BenchmarkSwitcher.FromAssembly(typeof(KernelBenchmarks).Assembly).Run(args);
}
