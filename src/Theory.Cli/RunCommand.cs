using System.Globalization;
using Microsoft.FSharp.Collections;
using Microsoft.FSharp.Core;
using Theory.Numerics;

namespace Theory.Cli;

internal sealed record RunArguments(
    string Method,
    string Problem,
    DataChoice Data,
    int Steps,
    string[] Set,
    int Every,
    int Lanes,
    string? Output,
    bool Force,
    bool Json,
    ulong Seed,
    int Threads,
    string Engine);

internal static class RunCommand
{
    public static int Run(RunArguments a, CancellationToken cancellation)
    {
        RequireAtLeast("--steps", a.Steps, 0);
        RequireAtLeast("--every", a.Every, 1);
        RequireAtLeast("--lanes", a.Lanes, 1);
        Inputs.CheckWritable(a.Output);
        if (a.Output is not null && Path.GetExtension(a.Output) is not (".csv" or ".json"))
        {
            throw new UsageException($"--out writes .csv or .json, got '{a.Output}'.");
        }

        MethodEntry method = Session.Method(a.Method);
        IProblem problem = Inputs.Problem(a.Problem, a.Data);
        PreparedMethod prepared = Prepare(method, problem, a.Set);
        bool asProved = CheckConditions(method, prepared, a.Force);
        CheckContext context = Session.Context(a.Seed, a.Threads, a.Engine, cancellation);
        MethodRun run = RunWithProgress(method.Name, prepared, context, new RunRequest(a.Steps, a.Every, a.Lanes, null, null), a.Json);
        if (a.Output is not null)
        {
            Inputs.WriteWhole(a.Output, w => Write(w, Path.GetExtension(a.Output) == ".json", run));
        }

        if (a.Json)
        {
            Json.Print(Trajectory.Summary(method.Name, problem, prepared, run, asProved));
        }
        else
        {
            Report(method, problem, prepared, run, asProved);
        }

        // Outside the theorem's conditions there is no claim to break.
        return asProved && Trajectory.Violations(run).Any() ? Program.NotAsClaimed : Program.AsClaimed;
    }

    public static void RequireAtLeast(string name, int value, int least)
    {
        if (value < least)
        {
            throw new UsageException($"{name} must be at least {least}, got {value}.");
        }
    }

    public static PreparedMethod Prepare(MethodEntry method, IProblem problem, IEnumerable<string> settings)
    {
        var overrides = ListModule.OfSeq(settings.Select(Inputs.Setting).Select(s => Tuple.Create(s.Name, s.Value)));
        FSharpResult<PreparedMethod, string> prepared = method.Prepare.Invoke(problem).Invoke(overrides);
        return prepared.IsOk ? prepared.ResultValue : throw new UsageException(prepared.ErrorValue);
    }

    /// <summary>Refuses parameters outside the theorem's range unless forced; says whether the theorem applies.</summary>
    public static bool CheckConditions(MethodEntry method, PreparedMethod prepared, bool force)
    {
        string[] broken = [.. prepared.Conditions.Where(c => !c.Holds).Select(c => c.Text)];
        if (broken.Length > 0 && !force)
        {
            throw new UsageException(
                $"{method.Name}: outside the theorem's range: the condition is {string.Join("; ", broken)}. Use --force to run the method without the claim.");
        }

        return broken.Length == 0;
    }

    public static MethodRun RunWithProgress(string name, PreparedMethod prepared, CheckContext context, RunRequest request, bool json)
    {
        var work = new StepWork(name, request.Steps, request.Lanes);
        var report = FuncConvert.FromAction<int, FSharpList<Tuple<string, double>>>((step, values) =>
            work.Reach(step, () => string.Join(", ", values.Select(v => $"{v.Item1} = {Tables.Number(v.Item2)}"))));
        try
        {
            return Waiting.For(work, json, () => prepared.Run.Invoke(context).Invoke(
                new RunRequest(request.Steps, request.Every, request.Lanes, request.Start, report)));
        }
        catch (OperationCanceledException)
        {
            // What is known when Ctrl-C stops the run.
            Standing reached = work.Now();
            Console.Error.WriteLine($"{name} on the way: {(reached.Done == 0 ? "no step was recorded" : $"step {reached.Done} of {request.Steps}  {reached.Current}")}");
            throw;
        }
    }

    private static void Write(TextWriter writer, bool json, MethodRun run)
    {
        if (json)
        {
            writer.WriteLine(Json.Text(Trajectory.Full(run)));
        }
        else
        {
            Trajectory.WriteCsv(writer, run);
        }
    }

    private static void Report(MethodEntry method, IProblem problem, PreparedMethod prepared, MethodRun run, bool asProved)
    {
        Console.WriteLine($"{method.Name} on {problem.Name} (d = {problem.Dimension})");
        Console.WriteLine("constants: " + string.Join(", ", problem.Constants.Select(c => $"{c.Symbol} = {c.Value.ToString("G6", CultureInfo.InvariantCulture)}")));
        Console.WriteLine("parameters: " + string.Join(", ", prepared.Parameters.Select(p => $"{p.Item1} = {p.Item2}")));
        foreach (Condition c in prepared.Conditions.Where(c => !c.Holds))
        {
            Console.WriteLine($"outside the theorem: {c.Text}");
        }

        int last = run.Steps.Length - 1;
        Console.WriteLine();
        Tables.Print(
            ["measure", "start", $"step {run.Steps[last]}"],
            run.Measures.Select(m => new[] { m.Name, Tables.Number(m.Values[0].Average()), Tables.Number(m.Values[last].Average()) }));
        Console.WriteLine();
        Tables.Print(
            ["counter", "total a lane"],
            run.Counters.Select(c => new[] { c.Key.ToString(), c.Value[last].Average().ToString("G8", CultureInfo.InvariantCulture) }));
        if (asProved)
        {
            Trajectory.ReportBounds(run);
        }

        Trajectory.ReportDivergence(run);
    }
}
