using System.Globalization;
using Microsoft.FSharp.Core;

namespace Theory.Api;

/// <summary>A method on a problem with its parameters; immutable, ready to run.</summary>
public sealed class MethodSetup
{
    private readonly Core.MethodEntry entry;
    private readonly Core.PreparedMethod prepared;
    private readonly (string Name, double Value)[] overrides;
    private readonly bool forced;

    private MethodSetup(
        Core.MethodEntry entry, Problem problem, Core.PreparedMethod prepared, (string Name, double Value)[] overrides, bool forced)
    {
        this.entry = entry;
        this.prepared = prepared;
        this.overrides = overrides;
        this.forced = forced;
        Problem = problem;
        Parameters = [.. prepared.Parameters.Select(p => new Parameter(p.Item1, p.Item2))];
        Conditions = [.. prepared.Conditions.Select(Condition.Of)];
    }

    /// <summary>Name of the method.</summary>
    public string Method => entry.Name;

    /// <summary>The problem that it runs on.</summary>
    public Problem Problem { get; }

    /// <summary>Parameters: the theorem's rule, then what <see cref="With"/> changed.</summary>
    public IReadOnlyList<Parameter> Parameters { get; }

    /// <summary>The theorem's conditions on these parameters, and whether they hold.</summary>
    public IReadOnlyList<Condition> Conditions { get; }

    /// <summary>With one parameter changed (name without regard to case).</summary>
    /// <exception cref="ArgumentException">There is no such parameter, or the value does not fit it.</exception>
    public MethodSetup With(string parameter, double value)
    {
        _ = Check.Text(parameter);
        _ = Check.Finite(value);
        (string Name, double Value)[] changed = [.. overrides, (parameter, value)];
        bool known = Parameters.Any(p => string.Equals(p.Name, parameter, StringComparison.OrdinalIgnoreCase));
        return new(entry, Problem, Prepare(entry, Problem, changed, known ? nameof(value) : nameof(parameter)), changed, forced);
    }

    /// <summary>Runs even where the theorem's conditions do not hold.</summary>
    public MethodSetup Force() => new(entry, Problem, prepared, overrides, forced: true);

    /// <summary>Runs the method.</summary>
    /// <param name="options">Steps, lanes, seed; <see cref="RunOptions.Default"/> when null.</param>
    /// <param name="progress">Receives each recorded step of the first lane, from the thread that runs it.</param>
    /// <param name="cancellationToken">Stops the run.</param>
    /// <exception cref="ArgumentOutOfRangeException">A condition of the theorem does not hold and <see cref="Force"/> was
    /// not said; the message has the condition with its numbers.</exception>
    /// <exception cref="ArgumentException">The start does not fit the problem.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled; nothing of the run is returned.</exception>
    public RunReport Run(
        RunOptions? options = null, IProgress<RunProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        options ??= RunOptions.Default;
        CheckConditions();
        return Execute(options, Start(options), progress, cancellationToken);
    }

    /// <summary>Runs the method on a thread of its own; see <see cref="Run"/>. Arguments are judged before it returns.</summary>
    /// <inheritdoc cref="Run"/>
    public Task<RunReport> RunAsync(
        RunOptions? options = null, IProgress<RunProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        options ??= RunOptions.Default;
        CheckConditions();
        Block? start = Start(options);
        return Background.Run(() => Execute(options, start, progress, cancellationToken));
    }

    /// <summary>Exact factors per step on this problem, beside those that the theorem's bounds promise.</summary>
    /// <exception cref="InvalidOperationException">There are none: the step is not affine in the state, its draws have no
    /// finite law, or the state is too large; the message says which.</exception>
    public RateReport Rates()
    {
        FSharpResult<Core.ExactRates, string> result = prepared.Rates.Invoke(null!);
        return result.IsOk
            ? new RateReport(
                result.ResultValue.Asymptotic,
                [.. result.ResultValue.Bounds.Select(b => new BoundRate(b.Bound, b.InExpectation, b.Certified, b.Worst?.Value))])
            : throw new InvalidOperationException($"{Method} has no exact rates on '{Problem.Name}': {result.ErrorValue}.");
    }

    /// <summary>What a step is charged in expectation, by counter.</summary>
    public IReadOnlyDictionary<Counter, double> StepCost() =>
        prepared.StepCost.Invoke(null!).ToDictionary(c => Cases<Core.Counter, Counter>.Of(c.Item1), c => c.Item2);

    /// <inheritdoc/>
    public override string ToString() =>
        $"{Method} on {Problem.Name}: {string.Join(", ", Parameters.Select(p => $"{p.Name} = {p.Value}"))}";

    internal static MethodSetup Create(Core.MethodEntry entry, Problem problem)
    {
        _ = Check.NotNull(problem);
        return new(entry, problem, Prepare(entry, problem, [], nameof(problem)), [], forced: false);
    }

    private static Core.PreparedMethod Prepare(
        Core.MethodEntry entry, Problem problem, (string Name, double Value)[] overrides, string parameter)
    {
        FSharpResult<Core.PreparedMethod, string> result = entry.Prepare
            .Invoke(problem.ToCore())
            .Invoke(Fs.List(overrides.Select(o => Tuple.Create(o.Name, o.Value))));
        return result.IsOk ? result.ResultValue : throw new ArgumentException(result.ErrorValue, parameter);
    }

    private void CheckConditions()
    {
        Condition[] broken = [.. Conditions.Where(c => !c.Holds)];
        if (broken.Length == 0 || forced)
        {
            return;
        }

        string message = $"{Method}: the theorem asks for {string.Join("; ", broken.Select(c => c.Text))}. Force() runs it anyway.";
        throw overrides.Length == 1
            ? new ArgumentOutOfRangeException(overrides[0].Name, overrides[0].Value, message)
            : new ArgumentOutOfRangeException(
                string.Join(", ", overrides.Select(o => string.Create(CultureInfo.InvariantCulture, $"{o.Name} = {o.Value:R}"))), message);
    }

    private Block? Start(RunOptions options) =>
        options.Start is not { } start ? null
        : start.Dimension != Problem.Dimension
        ? throw new ArgumentException($"The start has dimension {start.Dimension}, the problem {Problem.Dimension}.", nameof(options))
        : start;

    private RunReport Execute(RunOptions options, Block? start, IProgress<RunProgress>? progress, CancellationToken cancellationToken)
    {
        var report = progress is null
            ? null
            : Fs.Action<int, Microsoft.FSharp.Collections.FSharpList<Tuple<string, double>>>((step, values) =>
                progress.Report(new RunProgress(step, values.ToDictionary(v => v.Item1, v => v.Item2))));
        var request = new Core.RunRequest(options.Steps, options.Every, options.Lanes, Fs.Option(start), Fs.Option(report));
        Core.MethodRun run = prepared.Run.Invoke(options.ToCore(cancellationToken)).Invoke(request);
        return new RunReport(this, run, options.Lanes);
    }
}
