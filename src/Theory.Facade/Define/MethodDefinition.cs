namespace Theory.Api;

/// <summary>A method defined in C#. A state is a record whose constructor names its properties, blocks among them; so
/// are parameters, whose numbers can be overridden by name.</summary>
public abstract class MethodDefinition
{
    private protected MethodDefinition(string name, string summary)
    {
        Name = Check.Text(name);
        Summary = Check.Text(summary);
    }

    /// <summary>The method's name.</summary>
    public string Name { get; }

    /// <summary>What one step does, one line.</summary>
    public string Summary { get; }

    /// <summary>A method that draws something each step. All functions are pure: they return new values, and use no
    /// generator, clock or variable of their own.</summary>
    /// <param name="name">The method's name.</param>
    /// <param name="summary">What one step does, one line.</param>
    /// <param name="rule">The theorem's parameters from the problem's constants.</param>
    /// <param name="draw">What is drawn each step; see <see cref="Draws"/>.</param>
    /// <param name="init">The state at the start x⁰ (1 × lanes × d).</param>
    /// <param name="step">One step: problem, parameters, drawn outcome, state ↦ state.</param>
    /// <param name="output">The iterate that the method returns (1 × lanes × d).</param>
    public static MethodDefinition<TProblem, TParameters, TState, TDraw> Create<TProblem, TParameters, TState, TDraw>(
        string name,
        string summary,
        Func<TProblem, TParameters> rule,
        Func<TProblem, TParameters, Draw<TDraw>> draw,
        Func<TProblem, TParameters, Block, TState> init,
        Func<TProblem, TParameters, TDraw, TState, TState> step,
        Func<TState, Block> output)
        where TProblem : Problem
        where TParameters : class
        where TState : class =>
        new(name, summary, new(
            Check.NotNull(rule), Check.NotNull(draw), Check.NotNull(init), Check.NotNull(step), Check.NotNull(output)));

    /// <summary>A deterministic method; see the other overload.</summary>
    /// <param name="name">The method's name.</param>
    /// <param name="summary">What one step does, one line.</param>
    /// <param name="rule">The theorem's parameters from the problem's constants.</param>
    /// <param name="init">The state at the start x⁰ (1 × lanes × d).</param>
    /// <param name="step">One step: problem, parameters, state ↦ state.</param>
    /// <param name="output">The iterate that the method returns (1 × lanes × d).</param>
    public static MethodDefinition<TProblem, TParameters, TState, Nothing> Create<TProblem, TParameters, TState>(
        string name,
        string summary,
        Func<TProblem, TParameters> rule,
        Func<TProblem, TParameters, Block, TState> init,
        Func<TProblem, TParameters, TState, TState> step,
        Func<TState, Block> output)
        where TProblem : Problem
        where TParameters : class
        where TState : class
    {
        _ = Check.NotNull(step);
        return Create(name, summary, rule, (_, _) => Draws.None, init, (TProblem f, TParameters p, Nothing _, TState s) => step(f, p, s), output);
    }

    /// <summary>The method on a problem, with the parameters of the rule; ready to run.</summary>
    /// <exception cref="ArgumentException">The problem is not of the class that the method asks for.</exception>
    public MethodSetup On(Problem problem) => MethodSetup.Create(ToCore(), problem);

    /// <summary>The contract that every method keeps, checked on a problem.</summary>
    /// <exception cref="ArgumentException">The problem is not of the class that the method asks for.</exception>
    public IReadOnlyList<ContractReport> CheckContract(Problem problem) => ContractReport.Of(ToCore(), problem);

    internal abstract Core.MethodEntry ToCore();
}

/// <summary>A method defined in C#: pure functions of problem, parameters, state and drawn outcome. Immutable; made by
/// <see cref="MethodDefinition.Create{TProblem, TParameters, TState, TDraw}"/>, completed by the With… members.</summary>
/// <typeparam name="TProblem">What it asks of a problem: <see cref="Objective"/>, <see cref="FiniteSum"/>, <see cref="Operator"/>,
/// or a class of one's own.</typeparam>
/// <typeparam name="TParameters">A record of numbers.</typeparam>
/// <typeparam name="TState">A record of blocks.</typeparam>
/// <typeparam name="TDraw">What it draws each step.</typeparam>
public sealed class MethodDefinition<TProblem, TParameters, TState, TDraw> : MethodDefinition
    where TProblem : Problem
    where TParameters : class
    where TState : class
{
    private readonly MethodFunctions<TProblem, TParameters, TState, TDraw> functions;
    private readonly Core.Method<Core.IProblem, TParameters, TState, TDraw> method;

    internal MethodDefinition(string name, string summary, MethodFunctions<TProblem, TParameters, TState, TDraw> functions)
        : base(name, summary)
    {
        this.functions = functions;
        method = functions.ToCore(name, summary);
    }

    /// <summary>With the theorem's conditions on parameters; a run asks for <see cref="MethodSetup.Force"/> where they
    /// fail.</summary>
    public MethodDefinition<TProblem, TParameters, TState, TDraw> WithConditions(
        Func<TProblem, TParameters, IEnumerable<Condition>> conditions) =>
        new(Name, Summary, functions with { Conditions = Check.NotNull(conditions) });

    /// <summary>With what one step is charged.</summary>
    public MethodDefinition<TProblem, TParameters, TState, TDraw> WithCost(
        Func<TProblem, TParameters, TDraw, IEnumerable<Charge>> cost) =>
        new(Name, Summary, functions with { Cost = Check.NotNull(cost) });

    /// <summary>With the state at the solution that no outcome moves; null where noise moves it.</summary>
    public MethodDefinition<TProblem, TParameters, TState, TDraw> WithFixedPoint(
        Func<TProblem, TParameters, TState?> fixedPoint) =>
        new(Name, Summary, functions with { FixedPoint = Check.NotNull(fixedPoint) });

    /// <summary>With the bounds that a run is held against.</summary>
    public MethodDefinition<TProblem, TParameters, TState, TDraw> WithBounds(
        Func<TProblem, TParameters, IEnumerable<RunBound<TState>>> bounds) =>
        new(Name, Summary, functions with { Bounds = Check.NotNull(bounds) });

    /// <summary>The theorem's parameters on a problem.</summary>
    public TParameters Rule(TProblem problem) => Check.Returned(functions.Rule(Check.NotNull(problem)), Name, "the rule");

    /// <summary>The method on a problem with the parameters of its rule, as evidence takes it.</summary>
    public Process<TState, TDraw> Process(TProblem problem) => Process(problem, Rule(problem));

    /// <summary>The method on a problem with other parameters, as evidence takes it.</summary>
    public Process<TState, TDraw> Process(TProblem problem, TParameters parameters) =>
        new(Core.Method.on(Check.NotNull(problem).ToCore(), Check.NotNull(parameters), method));

    /// <summary>The state at a start x⁰ (1 × lanes × d).</summary>
    public TState Start(TProblem problem, TParameters parameters, Block x0) =>
        Check.Returned(functions.Init(Check.NotNull(problem), Check.NotNull(parameters), Check.NotNull(x0)), Name, "init");

    internal override Core.MethodEntry ToCore() => MethodRegistration.Entry<TProblem, TParameters, TState, TDraw>(method);
}
