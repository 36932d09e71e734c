namespace Theory.Api;

/// <summary>Problems of the library as C# sees them; back in the library they are themselves again, with everything that
/// they offer there.</summary>
internal sealed class LibraryProblem(Core.IProblem problem) : Problem
{
    public override string Name => problem.Name;

    public override int Dimension => problem.Dimension;

    public override IReadOnlyList<CertifiedConstant> Constants => ConstantsOf(problem);

    internal static IReadOnlyList<CertifiedConstant> ConstantsOf(Core.IProblem problem) =>
        [.. problem.Constants.Select(c => new CertifiedConstant(c))];

    private protected override Core.IProblem Adapt() => problem;
}

internal sealed class LibraryObjective(Core.IObjective objective) : Objective
{
    public override string Name => objective.Name;

    public override int Dimension => objective.Dimension;

    public override IReadOnlyList<CertifiedConstant> Constants => LibraryProblem.ConstantsOf(objective);

    public override Block Minimiser => objective.Minimiser;

    public override double Infimum => objective.Infimum;

    public override double Smoothness => objective.Smoothness;

    public override double StrongConvexity => objective.StrongConvexity;

    public override Block Value(Block x) => objective.Value(x);

    public override Block Gap(Block x) => Core.Objective.gap(objective, x);

    public override Block Gradient(Block x) => objective.Gradient(x);

    private protected override Core.IProblem Adapt() => objective;
}

internal sealed class LibraryFiniteSum(Core.IFiniteSum sum) : FiniteSum
{
    public override string Name => sum.Name;

    public override int Dimension => sum.Dimension;

    public override IReadOnlyList<CertifiedConstant> Constants => LibraryProblem.ConstantsOf(sum);

    public override Block Minimiser => sum.Minimiser;

    public override double Infimum => sum.Infimum;

    public override double Smoothness => sum.Smoothness;

    public override double StrongConvexity => sum.StrongConvexity;

    public override int Count => sum.Count;

    public override IReadOnlyList<double> Smoothnesses => [.. sum.Smoothnesses];

    public override IReadOnlyList<double>? StrongConvexities =>
        sum is Core.IStronglyConvexSum strongly ? [.. strongly.StrongConvexities] : null;

    public override Block Value(Block x) => sum.Value(x);

    public override Block Gap(Block x) => Core.Objective.gap(sum, x);

    public override Block Gradient(Block x) => sum.Gradient(x);

    public override Block Gradients(Block x) => sum.Gradients(x);

    public override Block GradientAt(Indices indices, Block x) => sum.GradientAt(indices, x);

    private protected override Core.IProblem Adapt() => sum;
}

internal sealed class LibraryOperator(Core.IOperator problem) : Operator
{
    public override string Name => problem.Name;

    public override int Dimension => problem.Dimension;

    public override IReadOnlyList<CertifiedConstant> Constants => LibraryProblem.ConstantsOf(problem);

    public override Block Solution => problem.Solution;

    public override double Lipschitz => problem.Lipschitz;

    public override double Monotonicity => problem.Monotonicity;

    public override Block Evaluate(Block z) => problem.Operator(z);

    private protected override Core.IProblem Adapt() => problem;
}

internal sealed class LibraryFiniteSumOperator(Core.IFiniteSumOperator sum) : FiniteSumOperator
{
    public override string Name => sum.Name;

    public override int Dimension => sum.Dimension;

    public override IReadOnlyList<CertifiedConstant> Constants => LibraryProblem.ConstantsOf(sum);

    public override Block Solution => sum.Solution;

    public override double Lipschitz => sum.Lipschitz;

    public override double Monotonicity => sum.Monotonicity;

    public override int Count => sum.Count;

    public override Block Evaluate(Block z) => sum.Operator(z);

    public override Block EvaluateAll(Block z) => sum.Operators(z);

    public override Block EvaluateAt(Indices indices, Block z) => sum.OperatorAt(indices, z);

    private protected override Core.IProblem Adapt() => sum;
}
