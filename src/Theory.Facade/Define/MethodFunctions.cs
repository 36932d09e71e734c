namespace Theory.Api;

/// <summary>The functions of a method defined in C#, and the library's method made of them.</summary>
internal sealed record MethodFunctions<TProblem, TParameters, TState, TDraw>(
    Func<TProblem, TParameters> Rule,
    Func<TProblem, TParameters, Draw<TDraw>> Draw,
    Func<TProblem, TParameters, Block, TState> Init,
    Func<TProblem, TParameters, TDraw, TState, TState> Step,
    Func<TState, Block> Output)
    where TProblem : Problem
    where TParameters : class
    where TState : class
{
    public Func<TProblem, TParameters, IEnumerable<Condition>> Conditions { get; init; } = (_, _) => [];

    public Func<TProblem, TParameters, TDraw, IEnumerable<Charge>> Cost { get; init; } = (_, _, _) => [];

    public Func<TProblem, TParameters, TState?> FixedPoint { get; init; } = (_, _) => null;

    public Func<TProblem, TParameters, IEnumerable<RunBound<TState>>> Bounds { get; init; } = (_, _) => [];

    public Core.Method<Core.IProblem, TParameters, TState, TDraw> ToCore(string name, string summary)
    {
        static TProblem Own(Core.IProblem problem) => (TProblem)Problem.Of(problem);

        // Problem and parameters are turned once, not at every step.
        return new(
            name,
            summary,
            Fs.Func((Core.IProblem q) => Check.Returned(Rule(Own(q)), name, "the rule")),
            Fs.Func((Core.IProblem q, TParameters p) => Fs.List(Conditions(Own(q), p).Select(c => c.ToCore()))),
            Fs.Func((Core.IProblem q, TParameters p) => Check.Returned(Draw(Own(q), p), name, "draw").ToCore),
            Fs.Func((Core.IProblem q, TParameters p, Block x0) => Check.Returned(Init(Own(q), p, x0), name, "init")),
            Fs.Func((Core.IProblem q, TParameters p) =>
            {
                TProblem problem = Own(q);
                return Fs.Func((TDraw draw, TState s) => Check.Returned(Step(problem, p, draw, s), name, "step"));
            }),
            Fs.Func((TState s) => Check.Returned(Output(s), name, "output")),
            Fs.Func((Core.IProblem q, TParameters p) =>
            {
                TProblem problem = Own(q);
                return Fs.Func((TDraw draw) => Fs.List(Cost(problem, p, draw).Select(c => c.ToCore)));
            }),
            Fs.Func((Core.IProblem q, TParameters p) => Fs.Option(FixedPoint(Own(q), p))),
            Fs.Func((Core.IProblem q, TParameters p) => Fs.List(Bounds(Own(q), p).Select(b => b.ToCore))));
    }
}
