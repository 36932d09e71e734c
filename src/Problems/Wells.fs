namespace Theory.Problems

open Theory
open Theory.Numerics

/// ψ(x) = Σ_j x_j²/(1 + x_j²): smooth with L = 2, not convex, inf ψ = 0 at the origin, ∇_j = 2x_j/(1 + x_j²)².
[<Sealed>]
type Wells(dimension: int) =

    let origin = Block.zeros 1 1 dimension

    /// ψ_j'' = (2 − 6x²)/(1 + x²)³, on a grid refined around its extremes: the second way to L.
    let curvature x =
        (2.0 - 6.0 * x * x) / (1.0 + x * x) ** 3.0

    interface IObjective with
        member _.Value x =
            let square = x.Square()
            (square / square.AddConstant 1.0).Sum()

        member _.Gradient x =
            let one = x.Square().AddConstant 1.0
            2.0 * (x / (one * one))

        member _.Minimiser = origin
        member _.Infimum = 0.0
        member _.Smoothness = 2.0
        member _.StrongConvexity = 0.0

    interface IProblem with
        member _.Name = $"ψ(x) = Σ x²/(1 + x²), d = {dimension}"
        member _.Dimension = dimension

        member _.Constants = [
            Constant.exact "L" "|ψ''| is largest at 0" 2.0 (fun () ->
                Seq.init 20001 (fun i -> abs (curvature (-10.0 + float i * 1e-3))) |> Seq.max)
        ]
