using Microsoft.FSharp.Collections;
using Microsoft.FSharp.Core;
using Theory.Views;
using Drawn = Theory.Views.Charts;

namespace Theory.Api;

/// <summary>Charts of runs, rates, verifications and compressors.</summary>
public static class Charts
{
    /// <summary>A bound beside what was measured along a run: the mean over lanes for a bound on an expectation, else the
    /// largest lane, with a band from the lanes' 10 % to their 90 % quantile.</summary>
    /// <param name="run">A run; every step recorded where the bound is on a running mean or minimum.</param>
    /// <param name="bound">A part of the bound's name; the first bound when null.</param>
    /// <param name="by">What the x-axis counts.</param>
    /// <exception cref="ArgumentException">The run has no such bound, or does not count <paramref name="by"/>.</exception>
    public static Chart Bound(RunReport run, string? bound = null, Spending by = Spending.Steps)
    {
        _ = Check.NotNull(run);
        Core.BoundRecord found = run.Result.Bounds.FirstOrDefault(b => bound is null || b.Name.Contains(bound, StringComparison.OrdinalIgnoreCase))
            ?? throw new ArgumentException(
                run.Bounds.Count == 0
                    ? $"{run.Setup.Method} has no bound along this run."
                    : $"{run.Setup.Method} has no bound named '{bound}'; there are {string.Join("; ", run.Bounds.Select(b => b.Name))}.",
                nameof(bound));
        return new(Drawn.run(run.Setup.Problem.ToCore(), Of(by), run.Setup.Method, run.Result, found));
    }

    /// <summary>Relative squared distances to the solution of several runs on one problem by what they spend, means over
    /// lanes.</summary>
    /// <param name="by">What the x-axis counts.</param>
    /// <param name="runs">Runs on the same problem.</param>
    /// <exception cref="ArgumentException">There is no run, the runs are on different problems, the problem has no known
    /// solution, or a method does not count <paramref name="by"/>.</exception>
    public static Chart Distances(Spending by, params RunReport[] runs)
    {
        _ = Check.NotNull(runs);
        return runs.Length == 0
            ? throw new ArgumentException("There is no run to show.", nameof(runs))
            : runs.Any(r => r.Setup.Problem != runs[0].Setup.Problem)
            ? throw new ArgumentException("The runs are on different problems; distances compare on one.", nameof(runs))
            : new(Drawn.runs(runs[0].Setup.Problem.ToCore(), Of(by), Fs.List(runs.Select(r => Tuple.Create(r.Setup.Method, r.Result)))));
    }

    /// <summary>Exact factors per step over stepsizes up to three times the theorem's: what the theorem promises, the worst
    /// step, the long run.</summary>
    /// <param name="method">A method whose steps are affine on the problem.</param>
    /// <param name="problem">The problem.</param>
    /// <param name="points">Stepsizes, at least 2.</param>
    /// <exception cref="ArgumentOutOfRangeException">Fewer than two points.</exception>
    /// <exception cref="InvalidOperationException">The method has no exact rates there; the message says why.</exception>
    public static Chart Rates(MethodInfo method, Problem problem, int points = 60)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(points, 2);
        FSharpResult<StepsizeCurve, string> curve = StepsizeCurveModule.compute(Check.NotNull(method).Entry, Check.NotNull(problem).ToCore(), points);
        return curve.IsOk ? new(Drawn.rates(curve.ResultValue)) : throw new InvalidOperationException($"There is no curve: {curve.ErrorValue}.");
    }

    /// <summary>How many claims have which tightness, identities and errata left out.</summary>
    public static Chart Tightness(IEnumerable<ClaimReport> reports) => new(Drawn.tightness(Results(reports)));

    /// <summary>The share of claims on each rung of evidence, by family.</summary>
    public static Chart Rungs(IEnumerable<ClaimReport> reports) => new(Drawn.rungs(Algorithms.All.papers, Results(reports)));

    /// <summary>Compressors for vectors of a dimension in the plane of variance against bits.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The dimension is below 2.</exception>
    public static Chart Compressors(int dimension)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(dimension, 2);
        return new(Drawn.plane(dimension));
    }

    private static Core.Spending Of(Spending by) => Cases<Core.Spending, Spending>.Core(by, nameof(by));

    private static FSharpList<Core.ClaimResult> Results(IEnumerable<ClaimReport> reports) => Fs.List(Check.NotNull(reports).Select(r => r.Result));
}
