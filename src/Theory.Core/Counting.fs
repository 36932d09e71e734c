namespace Theory

open System.Collections.Generic
open Theory.Numerics

/// A problem that counts the oracle calls made on it, per lane: what the contract tests hold a method's declared costs
/// against. It is the one place with mutable state, and no method ever sees it outside those tests.
[<RequireQualifiedAccess>]
module Counting =

    /// The counted problem and its counts so far (calls in a batch of any number of lanes count once per call).
    let wrap (problem: IProblem) : IProblem * IReadOnlyDictionary<Counter, float> =
        let counts = Dictionary<Counter, float>()

        let count counter amount =
            counts[counter] <-
                (match counts.TryGetValue counter with
                 | true, v -> v
                 | _ -> 0.0)
                + amount

        let counted =
            match problem with
            | :? IFiniteSum as f ->
                {
                    new IFiniteSum with
                        member _.Count = f.Count
                        member _.Smoothnesses = f.Smoothnesses

                        member _.Gradients x =
                            count Counter.Gradients 1.0
                            f.Gradients x

                        member _.GradientAt indices x =
                            count Counter.ComponentGradients (float indices.Count)
                            f.GradientAt indices x
                    interface IObjective with
                        member _.Value x = f.Value x

                        member _.Gradient x =
                            count Counter.Gradients 1.0
                            f.Gradient x

                        member _.Minimiser = f.Minimiser
                        member _.Infimum = f.Infimum
                        member _.Smoothness = f.Smoothness
                        member _.StrongConvexity = f.StrongConvexity
                    interface IProblem with
                        member _.Name = f.Name
                        member _.Dimension = f.Dimension
                        member _.Constants = f.Constants
                }
                :> IProblem
            | :? IFiniteSumOperator as f ->
                {
                    new IFiniteSumOperator with
                        member _.Count = f.Count

                        member _.Operators z =
                            count Counter.OperatorCalls 1.0
                            f.Operators z

                        member _.OperatorAt indices z =
                            count Counter.ComponentCalls (float indices.Count)
                            f.OperatorAt indices z
                    interface IOperator with
                        member _.Operator z =
                            count Counter.OperatorCalls 1.0
                            f.Operator z

                        member _.Solution = f.Solution
                        member _.Lipschitz = f.Lipschitz
                        member _.Monotonicity = f.Monotonicity
                    interface IProblem with
                        member _.Name = f.Name
                        member _.Dimension = f.Dimension
                        member _.Constants = f.Constants
                }
                :> IProblem
            | other -> other

        counted, counts
