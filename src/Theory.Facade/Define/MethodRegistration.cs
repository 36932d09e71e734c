using Microsoft.FSharp.Collections;
using Microsoft.FSharp.Core;

namespace Theory.Api;

/// <summary>What registries hold of a method defined in C#: it asks for a class of the facade instead of an interface of
/// the library.</summary>
internal static class MethodRegistration
{
    public static Core.MethodEntry Entry<TProblem, TParameters, TState, TDraw>(
        Core.Method<Core.IProblem, TParameters, TState, TDraw> method)
        where TProblem : Problem
    {
        Core.MethodEntry typed = Core.MethodEntryModule.create(method);
        bool Accepts(Core.IProblem problem) => Problem.Of(problem) is TProblem;

        return new(
            method.Name,
            method.Summary,
            Needs(typeof(TProblem)),
            Fs.Func<Core.IProblem, bool>(Accepts),
            Fs.Func((Core.IProblem problem, FSharpList<Tuple<string, double>> overrides) => Accepts(problem)
                ? typed.Prepare.Invoke(problem).Invoke(overrides)
                : FSharpResult<Core.PreparedMethod, string>.NewError(
                    $"{method.Name} needs {Needs(typeof(TProblem))}; '{problem.Name}' does not offer it.")),
            Fs.Func((Core.CheckContext context, Core.IProblem problem) =>
                Accepts(problem) ? Contract(method, Accepts, context, problem) : FSharpList<Core.ContractCheck>.Empty),
            typed.Modules);
    }

    private static FSharpList<Core.ContractCheck> Contract<TParameters, TState, TDraw>(
        Core.Method<Core.IProblem, TParameters, TState, TDraw> method,
        Func<Core.IProblem, bool> accepts,
        Core.CheckContext context,
        Core.IProblem problem)
    {
        (Core.IProblem counted, IReadOnlyDictionary<Core.Counter, double> counts) = Core.Counting.wrap(problem);

        // A problem of the user's own class cannot be counted from outside.
        bool countable = !ReferenceEquals(counted, problem) && accepts(counted);
        return Core.Contract.verify(
            context,
            method,
            problem,
            countable ? FSharpOption<Core.IProblem>.Some(counted) : FSharpOption<Core.IProblem>.None,
            FuncConvert.FromFunc(() => MapModule.OfSeq(counts.Select(pair => Tuple.Create(pair.Key, pair.Value)))),
            problem.Dimension);
    }

    private static string Needs(Type capability) =>
        capability == typeof(Problem) ? "a problem"
        : capability == typeof(Objective) ? "a smooth function with gradients"
        : capability == typeof(FiniteSum) ? "a finite sum of smooth functions (samples or workers)"
        : capability == typeof(Operator) ? "a monotone operator"
        : capability == typeof(FiniteSumOperator) ? "a finite sum of operators"
        : $"a problem of class {capability.Name}";
}
