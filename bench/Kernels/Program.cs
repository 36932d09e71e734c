using BenchmarkDotNet.Running;
using Theory.Bench;

if (args is ["--quick", ..])
{
    Quick.Run(args.Length > 1 ? args[1] : "");
}
else
{
    BenchmarkSwitcher.FromAssembly(typeof(KernelBenchmarks).Assembly).Run(args);
}
