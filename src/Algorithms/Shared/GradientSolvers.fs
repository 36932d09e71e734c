namespace Theory.Algorithms

open Theory
open Theory.Numerics

/// Gradient methods for inner problems, by the gradient and the smoothness L of a convex function A.
///
/// Nesterov, Soviet Math. Doklady 27 (1983); Kim, Fessler, J. Optim. Theory Appl. 188 (2021) for OGM-G.
[<RequireQualifiedAccess>]
module GradientSolvers =

    /// x_N of N gradient steps of stepsize 1/L from x_0.
    let plain (gradient: Block -> Block) (l: float) (steps: int) (x0: Block) : Block =
        (x0, seq { 1..steps })
        ||> Seq.fold (fun x _ -> (x - (1.0 / l) * gradient x).Materialise())

    /// y_N of N steps of the fast gradient method from x_0: A(y_N) − A* ≤ 2L‖x_0 − x*‖²/(N+1)².
    let fast (gradient: Block -> Block) (l: float) (steps: int) (x0: Block) : Block =
        let advance (y: Block, w: Block, t: float) _ =
            let next = w - (1.0 / l) * gradient w
            let grown = (1.0 + sqrt (1.0 + 4.0 * t * t)) / 2.0
            next.Materialise(), (next + ((t - 1.0) / grown) * (next - y)).Materialise(), grown

        let y, _, _ = Seq.fold advance (x0, x0, 1.0) (seq { 1..steps })
        y

    /// θ_0 … θ_N of OGM-G, decreasing to θ_N = 1.
    let weights (steps: int) : float[] =
        let theta = Array.create (steps + 1) 1.0

        for i in steps - 1 .. -1 .. 0 do
            let factor = if i = 0 then 8.0 else 4.0
            theta[i] <- (1.0 + sqrt (1.0 + factor * theta[i + 1] ** 2.0)) / 2.0

        theta

    /// x_N of OGM-G with given weights, N = theta.Length − 1: ‖∇A(x_N)‖² ≤ 2L(A(x_0) − A*)/θ_0².
    let gradientNorm (gradient: Block -> Block) (l: float) (theta: float[]) (x0: Block) : Block =
        let advance (x: Block, y: Block) i =
            let now, after = theta[i], theta[i + 1]
            let own = (now - 1.0) * (2.0 * after - 1.0) / (now * (2.0 * now - 1.0))
            let both = (2.0 * after - 1.0) / (2.0 * now - 1.0)
            let next = (x - (1.0 / l) * gradient x).Materialise()
            (next + own * (next - y) + both * (next - x)).Materialise(), next

        let x, _ = Seq.fold advance (x0, x0) (seq { 0 .. theta.Length - 2 })
        x
