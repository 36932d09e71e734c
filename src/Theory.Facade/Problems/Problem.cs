using System.Runtime.CompilerServices;

namespace Theory.Api;

/// <summary>A problem instance. Derive from <see cref="Objective"/>, <see cref="FiniteSum"/>, <see cref="Operator"/> or
/// <see cref="FiniteSumOperator"/>, whichever says what the instance offers, or from this class for methods of one's own
/// that ask for something else. An instance must not change once it is made.</summary>
public abstract class Problem
{
    /// <summary>One facade object for each problem of the library, so that equality is identity.</summary>
    private static readonly ConditionalWeakTable<Core.IProblem, Problem> Wrapped = [];

    private Core.IProblem? core;

    /// <summary>What the instance is, in one line.</summary>
    public abstract string Name { get; }

    /// <summary>Dimension d of the variable.</summary>
    public abstract int Dimension { get; }

    /// <summary>All constants with their certificates.</summary>
    public virtual IReadOnlyList<CertifiedConstant> Constants => [];

    /// <inheritdoc/>
    public override string ToString() => Name;

    /// <summary>The problem as the library's methods see it.</summary>
    internal Core.IProblem ToCore() => core ??= Adapt();

    /// <summary>The library's problem as C# sees it; a problem made in C# comes back as it is.</summary>
    internal static Problem Of(Core.IProblem problem) =>
        problem is IAdapter adapter ? adapter.Problem : Wrapped.GetValue(problem, Wrap);

    private protected virtual Core.IProblem Adapt() => new ProblemAdapter<Problem>(this);

    private static Problem Wrap(Core.IProblem problem) => problem switch
    {
        Core.IFiniteSum f => new LibraryFiniteSum(f),
        Core.IObjective f => new LibraryObjective(f),
        Core.IFiniteSumOperator f => new LibraryFiniteSumOperator(f),
        Core.IOperator f => new LibraryOperator(f),
        _ => new LibraryProblem(problem),
    };
}

/// <summary>min f(x) over R^d. Blocks of points are 1 × lanes × d.</summary>
public abstract class Objective : Problem
{
    /// <summary>A minimiser x* (1 × 1 × d).</summary>
    public abstract Block Minimiser { get; }

    /// <summary>inf f; the value at the minimiser unless overridden.</summary>
    public virtual double Infimum => Value(Minimiser)[0, 0, 0];

    /// <summary>Smoothness constant L of f.</summary>
    public abstract double Smoothness { get; }

    /// <summary>Strong convexity constant μ of f; 0 when f has none.</summary>
    public virtual double StrongConvexity => 0.0;

    /// <summary>L, μ and x*, held against gradients at sampled points, unless overridden.</summary>
    public override IReadOnlyList<CertifiedConstant> Constants => Certificates.Of(this);

    /// <summary>f(x), one number per lane.</summary>
    public abstract Block Value(Block x);

    /// <summary>f(x) − inf f, one number per lane; the difference unless overridden by something that is accurate however
    /// close x is to the minimiser.</summary>
    public virtual Block Gap(Block x) => Value(x).AddConstant(-Infimum);

    /// <summary>∇f(x), 1 × lanes × d.</summary>
    public abstract Block Gradient(Block x);

    private protected override Core.IProblem Adapt() => new ObjectiveAdapter<Objective>(this);
}

/// <summary>f = (1/n) Σ f_i over n workers or samples.</summary>
public abstract class FiniteSum : Objective
{
    /// <summary>n.</summary>
    public abstract int Count { get; }

    /// <summary>Smoothness constants L_i.</summary>
    public abstract IReadOnlyList<double> Smoothnesses { get; }

    /// <summary>Strong convexity constants μ_i of the f_i (0 for one that is merely convex); null, as it is unless
    /// overridden, where none are known.</summary>
    public virtual IReadOnlyList<double>? StrongConvexities => null;

    /// <summary>∇f_i(x_i) for every i: points 1 × lanes × d or n × lanes × d; result n × lanes × d.</summary>
    public abstract Block Gradients(Block x);

    /// <summary>Mean of ∇f_i(x) over the lane's own indices i (with multiplicity); computed from all gradients unless
    /// overridden.</summary>
    public virtual Block GradientAt(Indices indices, Block x) => Gradients(x).PickWorkers(indices).MeanOverWorkers();

    /// <summary>∇f(x), the mean of the summands' gradients unless overridden.</summary>
    public override Block Gradient(Block x) => Gradients(x).MeanOverWorkers();

    /// <summary>L, μ, x*, the L_i and the μ_i, held against gradients at sampled points, unless overridden.</summary>
    public override IReadOnlyList<CertifiedConstant> Constants => Certificates.Of(this);

    private protected override Core.IProblem Adapt() =>
        StrongConvexities is null ? new FiniteSumAdapter(this) : new StronglyConvexSumAdapter(this);
}

/// <summary>F(z) = 0: a variational inequality without constraints. Blocks of points are 1 × lanes × d.</summary>
public abstract class Operator : Problem
{
    /// <summary>The solution z* (1 × 1 × d).</summary>
    public abstract Block Solution { get; }

    /// <summary>Lipschitz constant L of F.</summary>
    public abstract double Lipschitz { get; }

    /// <summary>Strong monotonicity constant μ; 0 for a merely monotone F.</summary>
    public virtual double Monotonicity => 0.0;

    /// <summary>L, μ and z*, held against F at sampled points, unless overridden.</summary>
    public override IReadOnlyList<CertifiedConstant> Constants => Certificates.Of(this);

    /// <summary>F(z), 1 × lanes × d.</summary>
    public abstract Block Evaluate(Block z);

    private protected override Core.IProblem Adapt() => new OperatorAdapter<Operator>(this);
}

/// <summary>F = (1/n) Σ F_i.</summary>
public abstract class FiniteSumOperator : Operator
{
    /// <summary>n.</summary>
    public abstract int Count { get; }

    /// <summary>F_i(z_i) for every i: points 1 × lanes × d or n × lanes × d; result n × lanes × d.</summary>
    public abstract Block EvaluateAll(Block z);

    /// <summary>Mean of F_i(z) over the lane's own indices i; computed from all summands unless overridden.</summary>
    public virtual Block EvaluateAt(Indices indices, Block z) => EvaluateAll(z).PickWorkers(indices).MeanOverWorkers();

    /// <summary>F(z), the mean of the summands unless overridden.</summary>
    public override Block Evaluate(Block z) => EvaluateAll(z).MeanOverWorkers();

    private protected override Core.IProblem Adapt() => new FiniteSumOperatorAdapter(this);
}
