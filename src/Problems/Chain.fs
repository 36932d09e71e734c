namespace Theory.Problems

open Theory
open Theory.Numerics

/// Nesterov's chain f(x) = (L/4)(½ xᵀT x − x_1) with T tridiagonal (−1, 2, −1), shifted so that inf f = 0: gradients
/// spread by one coordinate a step, so that no method of gradients can be faster than its lower bound.
[<Sealed>]
type Chain(smoothness: float, dimension: int) =
    do
        if dimension < 1 || not (smoothness > 0.0) then
            invalidArg (nameof dimension) $"A chain needs d ≥ 1 and L > 0; got {dimension}, {smoothness}."

    let size = float (dimension + 1)

    // H e = (L/4)(2e_j − e_{j−1} − e_{j+1}), the neighbours beyond the ends being 0.
    let apply (e: Block) : Block =
        if dimension = 1 then
            0.5 * smoothness * e
        else
            let zero = Block.zeros 1 1 1
            let next = Block.ConcatDimension(e.SliceDimension(1, dimension - 1), zero)
            let before = Block.ConcatDimension(zero, e.SliceDimension(0, dimension - 1))
            0.25 * smoothness * (2.0 * e - before - next)

    let dense () =
        Matrix.Create(
            dimension,
            dimension,
            fun i j ->
                if i = j then 0.5 * smoothness
                elif abs (i - j) = 1 then -0.25 * smoothness
                else 0.0
        )

    let solution = Array.init dimension (fun j -> 1.0 - float (j + 1) / size)
    let minimiser = Block.vector solution

    // Eigenvalues of T are 2 − 2cos(jπ/(D+1)).
    let largest = smoothness * 0.5 * (1.0 + cos (System.Math.PI / size))
    let smallest = smoothness * sin (System.Math.PI / (2.0 * size)) ** 2.0

    /// The largest eigenvalue of the Hessian, a little under L.
    member _.LargestEigenvalue = largest

    interface IObjective with
        member _.Value x =
            let e = x - minimiser
            0.5 * Block.dot e (apply e)

        member _.Gradient x = apply (x - minimiser)
        member _.Minimiser = minimiser
        member _.Infimum = 0.0
        member _.Smoothness = smoothness
        member _.StrongConvexity = smallest

    interface IProblem with
        member _.Name = $"Nesterov's chain of {dimension}"
        member _.Dimension = dimension

        member _.Constants = [
            Constant.upper "L" "eigenvalues of T lie below 4" smoothness (fun () -> largest)
            Constant.exact "lambda_max" "eigenvalues of T are 2 − 2cos(jπ/(D+1))" largest (fun () ->
                Linear.largestByBisection (dense ()))
            Constant.exact "mu" "eigenvalues of T are 2 − 2cos(jπ/(D+1))" smallest (fun () ->
                Linear.smallestByBisection (dense ()))
        ]
