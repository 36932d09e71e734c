namespace Theory.Problems

open System
open Theory.Numerics

/// λ log Σ π̂_m e^{L_m(θ)/λ} + (decay/2)‖θ‖² with L_m(θ) = ½‖B_m θ − b_m‖², on the host.
[<NoEquality; NoComparison>]
type GroupFunction = {
    Matrices: Matrix[]
    Targets: float[][]
    Prior: float[]
    Lambda: float
    Decay: float
}

/// Damped Newton's method for the convex maximum over weights of quadratic losses.
[<RequireQualifiedAccess>]
module GroupNewton =

    let private residuals (matrices: Matrix[]) (targets: float[][]) (theta: float[]) =
        Array.map2
            (fun (b: Matrix) (t: float[]) -> Array.map2 (-) (LinearAlgebra.Multiply(b, ReadOnlySpan theta)) t)
            matrices
            targets

    let private squares (v: float[]) = v |> Array.sumBy (fun x -> x * x)

    let private exponents prior lambda (rs: float[][]) =
        Array.map2 (fun p r -> log p + 0.5 * squares r / lambda) prior rs

    /// The function's value at a point.
    let valueAt matrices targets (prior: float[]) lambda decay (theta: float[]) : float =
        let y = exponents prior lambda (residuals matrices targets theta)
        let top = Array.max y

        lambda * (top + log (y |> Array.sumBy (fun v -> exp (v - top))))
        + 0.5 * decay * squares theta

    let private value f theta =
        valueAt f.Matrices f.Targets f.Prior f.Lambda f.Decay theta

    /// Gradient and Hessian: Σ π_m g_m + decay·θ, and Σ π_m B_mᵀB_m + (Σ π_m g_m g_mᵀ − ḡḡᵀ)/λ + decay·I.
    let private derivatives f (theta: float[]) =
        let rs = residuals f.Matrices f.Targets theta
        let y = exponents f.Prior f.Lambda rs
        let top = Array.max y
        let raw = y |> Array.map (fun v -> exp (v - top))
        let total = Array.sum raw
        let weights = raw |> Array.map (fun v -> v / total)
        let transposed = f.Matrices |> Array.map (fun b -> b.Transpose())

        let slopes =
            Array.map2 (fun (t: Matrix) (r: float[]) -> LinearAlgebra.Multiply(t, ReadOnlySpan r)) transposed rs

        let d = theta.Length

        let mean =
            Array.init d (fun i -> Array.map2 (fun w (g: float[]) -> w * g[i]) weights slopes |> Array.sum)

        let grams =
            Array.map2 (fun (t: Matrix) (b: Matrix) -> LinearAlgebra.Multiply(t, b)) transposed f.Matrices

        let curvature = Linear.combine weights grams

        let hessian =
            Matrix.Create(
                d,
                d,
                fun i j ->
                    let spread =
                        Array.map2 (fun w (g: float[]) -> w * (g[i] - mean[i]) * (g[j] - mean[j])) weights slopes
                        |> Array.sum

                    curvature[i, j] + spread / f.Lambda + (if i = j then f.Decay else 0.0)
            )

        Array.map2 (fun g x -> g + f.Decay * x) mean theta, hessian

    /// Least and largest eigenvalue of the Hessian at a point.
    let spectrumAt (f: GroupFunction) (theta: float[]) : float * float =
        let values = Decompositions.SymmetricEigen(snd (derivatives f theta)).Values
        values[0], values[theta.Length - 1]

    /// The minimiser, from 0: until steps at rounding no longer shrink the gradient. The function must be strongly convex.
    let minimise (f: GroupFunction) : float[] =
        let norm (v: float[]) = sqrt (squares v)

        let rec iterate (theta: float[]) gradient (hessian: Matrix) rounds =
            let d = theta.Length

            // A weight that underflows may leave a direction without curvature: a ridge below rounding's reach.
            let ridge = 1e-13 * Seq.max (Seq.init d (fun i -> hessian[i, i])) + 1e-300

            let damped =
                Matrix.Create(d, d, (fun i j -> hessian[i, j] + (if i = j then ridge else 0.0)))

            let p =
                Decompositions.Solve(damped, Matrix(d, 1, gradient |> Array.map (fun g -> -g))).Values.ToArray()

            let slope = Array.map2 (*) gradient p |> Array.sum
            let here = value f theta

            let along t =
                Array.map2 (fun x v -> x + t * v) theta p

            let rec shorten t tries =
                if tries = 0 || value f (along t) <= here + 1e-4 * t * slope then
                    t
                else
                    shorten (0.5 * t) (tries - 1)

            // Where the promised decrease drowns in rounding the quadratic model is exact: full steps.
            let late = -slope <= 1e-12 * (abs here + 1e-300)
            let next = along (if late then 1.0 else shorten 1.0 40)
            let g, h = derivatives f next

            if late && norm g > 0.5 * norm gradient then
                (if norm g < norm gradient then next else theta)
            elif rounds = 0 || norm g = 0.0 then
                next
            else
                iterate next g h (rounds - 1)

        let start = Array.zeroCreate f.Matrices[0].Columns
        let g, h = derivatives f start
        if norm g = 0.0 then start else iterate start g h 300
