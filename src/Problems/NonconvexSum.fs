namespace Theory.Problems

open Theory
open Theory.Numerics

/// f = (1/n) Σ f_i with f_i(x) = Σ_j w_ij φ(x_j), φ(t) = t²/(1 + t²), and weights w_ij > 0 of mean 1 over i: so
/// f(x) = Σ_j φ(x_j), nonconvex, with −½ ≤ φ″ ≤ 2 and inf f = 0 at the origin.
[<Sealed>]
type NonconvexSum(weights: float[][]) =
    let n = weights.Length
    let d = weights[0].Length

    do
        for j in 0 .. d - 1 do
            let mean = weights |> Array.averageBy (fun row -> row[j])

            if
                abs (mean - 1.0) > 1e-12
                || weights |> Array.exists (fun row -> not (row[j] > 0.0))
            then
                invalidArg
                    (nameof weights)
                    $"The weights of coordinate {j} must be positive with mean 1; their mean is {mean}."

    let scales = Block.ofWorkers weights
    let table = Matrix(n, d, Array.concat weights)
    let minimiser = Block.zeros 1 1 d
    let smoothnesses = weights |> Array.map (fun row -> 2.0 * Array.max row)

    let meanSquared =
        2.0
        * sqrt (Seq.max (Seq.init d (fun j -> weights |> Array.averageBy (fun row -> row[j] * row[j]))))

    // φ′(t) = 2t/(1 + t²)², elementwise.
    let slope (x: Block) =
        let q = (x.Square().AddConstant 1.0).Reciprocal()
        2.0 * (x * q * q)

    /// The weights w_ij: n rows of d.
    member _.Weights = weights

    /// L̃ with (1/n) Σ ‖∇f_i(x) − ∇f_i(y)‖² ≤ L̃²‖x − y‖².
    member _.MeanSquaredSmoothness = meanSquared

    /// One summand: f(x) = Σ_j x_j²/(1 + x_j²).
    static member Single(dimension: int) =
        NonconvexSum [| Array.create dimension 1.0 |]

    /// n summands with weights drawn log-normally (the larger `spread`, the more they differ) and scaled to mean 1.
    static member Random(workers: int, dimension: int, spread: float, seed: int) =
        let raw =
            Array.init workers (fun i -> Linear.gaussians seed i dimension |> Array.map (fun g -> exp (spread * g)))

        let means =
            Array.init dimension (fun j -> raw |> Array.averageBy (fun row -> row[j]))

        NonconvexSum(raw |> Array.map (Array.mapi (fun j w -> w / means[j])))

    interface IFiniteSum with
        member _.Count = n
        member _.Smoothnesses = smoothnesses
        member _.Gradients x = scales * slope x

        member _.GradientAt indices x =
            let one = (Block.scalar 1.0).On x.Engine
            one.RowCombination(table, indices) / float indices.Count * slope x

    interface IObjective with
        member _.Value x =
            let square = x.Square()
            (square * (square.AddConstant 1.0).Reciprocal()).Sum()

        member _.Gradient x = slope x
        member _.Minimiser = minimiser
        member _.Infimum = 0.0
        member _.Smoothness = 2.0
        member _.StrongConvexity = 0.0

    interface IProblem with
        member _.Name = $"{n} nonconvex sums of x²/(1+x²), d = {d}"
        member _.Dimension = d

        member _.Constants =
            // Difference quotients of the slopes along a coordinate; the largest lies at the origin.
            let quotient (values: float[][] -> float[][]) =
                let grid = Array.init 4001 (fun k -> -4.0 + 0.002 * float k)

                let rows =
                    values (Array.collect (fun t -> [| Array.create d (t - 5e-5); Array.create d (t + 5e-5) |]) grid)

                Array.init grid.Length (fun k -> Array.map2 (fun a b -> abs (b - a) / 1e-4) rows[2 * k] rows[2 * k + 1])
                |> Array.map Array.max
                |> Array.max

            let of' i =
                quotient (fun rows -> Block.rows (scales.Worker i * slope (Block.ofRows rows)))

            [
                Constant.upper "L" "φ″ ≤ 2" 2.0 (fun () ->
                    quotient (fun rows -> Block.rows (slope (Block.ofRows rows))))
                Constant.upper "Lmax" "2 max w_ij" (Array.max smoothnesses) (fun () -> Seq.init n of' |> Seq.max)
                Constant.upper "Ltilde" "2 √max_j mean_i w_ij²" meanSquared (fun () ->
                    // At the origin every summand is as curved as anywhere: a lower bound that the constant attains.
                    Seq.init d (fun j -> weights |> Array.averageBy (fun row -> (2.0 * row[j]) ** 2.0) |> sqrt)
                    |> Seq.max)
            ]
