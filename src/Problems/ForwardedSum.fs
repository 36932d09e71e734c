namespace Theory.Problems

open Theory

/// A finite sum that is another one under a name and constants of its own: what an instance with a further capability
/// inherits, so that it says only what it adds.
[<AbstractClass>]
type ForwardedSum(f: IFiniteSum) =

    /// What the instance is, in one line.
    abstract Title: string
    /// All constants with their certificates; those of the sum unless more are known.
    abstract Certified: Constant list
    default _.Certified = f.Constants

    interface IFiniteSum with
        member _.Count = f.Count
        member _.Smoothnesses = f.Smoothnesses
        member _.Gradients x = f.Gradients x
        member _.GradientAt indices x = f.GradientAt indices x

    interface IObjective with
        member _.Value x = f.Value x
        member _.Gradient x = f.Gradient x
        member _.Minimiser = f.Minimiser
        member _.Infimum = f.Infimum
        member _.Smoothness = f.Smoothness
        member _.StrongConvexity = f.StrongConvexity

    interface IProblem with
        member this.Name = this.Title
        member _.Dimension = f.Dimension
        member this.Constants = this.Certified
