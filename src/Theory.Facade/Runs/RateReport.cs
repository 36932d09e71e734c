namespace Theory.Api;

/// <summary>Exact rates of a method on a problem, floors of noise left out.</summary>
/// <param name="LongRun">The factor per step of the expected squared distance to the fixed point in the long run.</param>
/// <param name="Bounds">The method's geometric bounds.</param>
public sealed record RateReport(double LongRun, IReadOnlyList<BoundRate> Bounds);

/// <summary>A geometric bound beside what the method does exactly; both are factors per step of the bound's own measure.</summary>
/// <param name="Bound">Name of the bound.</param>
/// <param name="InExpectation">Whether it bounds an expectation.</param>
/// <param name="Certified">The factor that the theorem promises.</param>
/// <param name="WorstStep">The worst factor of one step over every state that a run can reach; null where the measure is no
/// nonnegative quadratic function.</param>
public sealed record BoundRate(string Bound, bool InExpectation, double Certified, double? WorstStep);
