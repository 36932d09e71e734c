namespace Theory.Views

open Theory
open Theory.Algorithms

/// The charts: one function each from runs, rates, verifications, compressors or comparisons to a specification.
[<RequireQualifiedAccess>]
module Charts =

    /// A bound beside what was measured along a run: the mean over lanes for a bound on an expectation, else the largest lane,
    /// with a band from the lanes' 10 % to their 90 % quantile. The y-axis is logarithmic; the x-axis too where the bound
    /// falls as a power of k.
    /// Raises ArgumentException where the run does not count `by`, or the bound needs every step and the run skipped some.
    let run (problem: IProblem) (by: Spending) (name: string) (run: MethodRun) (bound: BoundRecord) : Chart =
        BoundChart.create problem by name run bound

    /// The relative squared distance to the solution of several methods on one problem by what they spend, means over lanes.
    /// Raises ArgumentException where a method does not count `by` or the problem has no known solution.
    let runs (problem: IProblem) (by: Spending) (runs: (string * MethodRun) list) : Chart =
        DistanceChart.create problem by runs

    /// Exact factors per step over a grid of stepsizes: what the theorem promises, the worst step, the long run; the theorem's
    /// stepsize is marked. Factors above 1.2 are cut off.
    let rates (curve: StepsizeCurve) : Chart = RatesChart.create curve

    /// The results that `tightness` counts: bounds with a tightness, no identities and no errata.
    let bounds (results: ClaimResult list) : ClaimResult list = ClaimCharts.boundsOf results

    /// How many claims have which tightness (largest measured/bound), identities and errata left out, in bins of a twentieth.
    let tightness (results: ClaimResult list) : Chart = ClaimCharts.tightness results

    /// The share of claims on each rung of evidence, family by family.
    let rungs (papers: Paper list) (results: ClaimResult list) : Chart = ClaimCharts.rungs papers results

    /// Compressors for vectors of `dimension` entries in the plane of variance against bits, with the line 4^(−b/d) that no
    /// compressor passes.
    let plane (dimension: int) : Chart = CompressorChart.create dimension

    /// What the contenders of a comparison spent until its target; those that did not reach it stand without a mark.
    let comparison (compared: Compared) : Chart = ComparisonChart.create compared
