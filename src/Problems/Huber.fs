namespace Theory.Problems

open Theory
open Theory.Numerics

/// f(x) = Σ_j h(x_j) with h(t) = L t²/2 for |t| ≤ c and L c|t| − L c²/2 beyond: convex and L-smooth, but linear far from
/// the minimiser. In one dimension it is the worst function for gradient descent (Drori, Teboulle, 2014).
[<Sealed>]
type Huber(dimension: int, smoothness: float, threshold: float) =
    do
        if dimension < 1 || not (smoothness > 0.0) || not (threshold > 0.0) then
            invalidArg
                (nameof threshold)
                $"Huber's function needs d ≥ 1, L > 0, c > 0; got {dimension}, {smoothness}, {threshold}."

    let minimiser = Block.zeros 1 1 dimension

    let slope (x: Block) =
        smoothness * x.Clamp(-threshold, threshold)

    /// c: half the width of the quadratic part.
    member _.Threshold = threshold

    /// The worst function for `steps` steps of gradient descent with γ = 1/L from x_0 = R, c = R/(2·steps + 1).
    static member Worst(smoothness: float, radius: float, steps: int) =
        Huber(1, smoothness, radius / float (2 * steps + 1))

    interface IObjective with
        member _.Value x =
            // With m = min(|t|, c) both branches are L(m|t| − m²/2).
            let size = x.Abs()
            let inner = size.Clamp(0.0, threshold)
            smoothness * (Block.dot inner size - 0.5 * Block.normSquared inner)

        member _.Gradient x = slope x
        member _.Minimiser = minimiser
        member _.Infimum = 0.0
        member _.Smoothness = smoothness
        member _.StrongConvexity = 0.0

    interface IProblem with
        member _.Name = $"Huber's function, d = {dimension}, c = {threshold:G4}"
        member _.Dimension = dimension

        member _.Constants = [
            Constant.exact "L" "curvature of the quadratic part" smoothness (fun () ->
                let at t =
                    (slope (Block.vector [| t |])).ToArray()[0]

                (at (0.5 * threshold) - at (-0.5 * threshold)) / threshold)
        ]
