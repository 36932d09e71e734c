using Microsoft.FSharp.Collections;

namespace Theory.Api;

/// <summary>A problem made in C# as the library's methods see it.</summary>
internal interface IAdapter
{
    Problem Problem { get; }
}

internal class ProblemAdapter<T>(T problem) : Core.IProblem, IAdapter
    where T : Problem
{
    private FSharpList<Core.Constant>? constants;

    public string Name => problem.Name;

    public int Dimension => problem.Dimension;

    public FSharpList<Core.Constant> Constants => constants ??= Fs.List(problem.Constants.Select(c => c.ToCore()));

    Problem IAdapter.Problem => problem;

    protected T Inner => problem;
}

internal class ObjectiveAdapter<T>(T objective) : ProblemAdapter<T>(objective), Core.IGap
    where T : Objective
{
    public Block Minimiser => Inner.Minimiser;

    public double Infimum => Inner.Infimum;

    public double Smoothness => Inner.Smoothness;

    public double StrongConvexity => Inner.StrongConvexity;

    public Block Value(Block x) => Check.Returned(Inner.Value(x), Name, nameof(Value));

    public Block Gap(Block x) => Check.Returned(Inner.Gap(x), Name, nameof(Gap));

    public Block Gradient(Block x) => Check.Returned(Inner.Gradient(x), Name, nameof(Gradient));
}

internal class FiniteSumAdapter(FiniteSum sum) : ObjectiveAdapter<FiniteSum>(sum), Core.IFiniteSum
{
    public int Count => Inner.Count;

    public double[] Smoothnesses => [.. Inner.Smoothnesses];

    public Block Gradients(Block x) => Check.Returned(Inner.Gradients(x), Name, nameof(Gradients));

    public Block GradientAt(Indices indices, Block x) =>
        Check.Returned(Inner.GradientAt(indices, x), Name, nameof(GradientAt));
}

internal sealed class StronglyConvexSumAdapter(FiniteSum sum) : FiniteSumAdapter(sum), Core.IStronglyConvexSum
{
    public double[] StrongConvexities => [.. Inner.StrongConvexities ?? []];
}

internal class OperatorAdapter<T>(T problem) : ProblemAdapter<T>(problem), Core.IOperator
    where T : Operator
{
    public Block Solution => Inner.Solution;

    public double Lipschitz => Inner.Lipschitz;

    public double Monotonicity => Inner.Monotonicity;

    public Block Operator(Block z) => Check.Returned(Inner.Evaluate(z), Name, nameof(Inner.Evaluate));
}

internal sealed class FiniteSumOperatorAdapter(FiniteSumOperator sum)
    : OperatorAdapter<FiniteSumOperator>(sum), Core.IFiniteSumOperator
{
    public int Count => Inner.Count;

    public Block Operators(Block z) => Check.Returned(Inner.EvaluateAll(z), Name, nameof(Inner.EvaluateAll));

    public Block OperatorAt(Indices indices, Block z) =>
        Check.Returned(Inner.EvaluateAt(indices, z), Name, nameof(Inner.EvaluateAt));
}
