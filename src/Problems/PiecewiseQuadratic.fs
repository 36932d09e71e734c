namespace Theory.Problems

open Theory
open Theory.Numerics

/// A function of one variable with f′(t) = 25t for t < 1, t + 24 for 1 ≤ t < 2, 25t − 24 for t ≥ 2: 1-strongly convex
/// and 25-smooth, f(0) = 0 its minimum. The heavy ball, tuned for quadratics, cycles on it (Lessard, Recht, Packard,
/// SIAM J. Optim. 26 (2016)).
[<Sealed>]
type PiecewiseQuadratic() =
    let minimiser = Block.zeros 1 1 1

    // 25t less the part by which the middle piece is flatter: 24·(clamp(t, 1, 2) − 1).
    let slope (x: Block) =
        25.0 * x - 24.0 * (x.Clamp(1.0, 2.0).AddConstant -1.0)

    interface IObjective with
        member _.Value x =
            // The integral of the slope: with m = clamp(t, 1, 2) − 1, ∫₀ᵗ 24m = 12m² + 24m·max(t − 2, 0).
            let m = x.Clamp(1.0, 2.0).AddConstant -1.0
            let beyond = x.Clamp(2.0, infinity).AddConstant -2.0
            12.5 * x.Square() - 12.0 * m.Square() - 24.0 * (m * beyond)

        member _.Gradient x = slope x
        member _.Minimiser = minimiser
        member _.Infimum = 0.0
        member _.Smoothness = 25.0
        member _.StrongConvexity = 1.0

    interface IProblem with
        member _.Name = "a piecewise quadratic with slopes 25, 1, 25"
        member _.Dimension = 1

        member _.Constants =
            let quotients () =
                let at t =
                    (slope (Block.vector [| t |])).ToArray()[0]

                Seq.init 4000 (fun k -> -4.0 + 0.002 * float k)
                |> Seq.map (fun t -> (at (t + 1e-3) - at (t - 1e-3)) / 2e-3)

            [
                Constant.exact "L" "slope of f′ on the outer pieces" 25.0 (fun () -> Seq.max (quotients ()))
                Constant.exact "mu" "slope of f′ on the middle piece" 1.0 (fun () -> Seq.min (quotients ()))
            ]
