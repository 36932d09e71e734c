/// Linear operators and levels that the claims on clipped methods share.
module Theory.Algorithms.RobustAndPrivate.LinearOperators

open System
open Theory
open Theory.Numerics
open Theory.Problems

/// The level that does not clip.
let always _ = Double.PositiveInfinity

/// F(z) = Az.
let linear (a: Matrix) : IOperator =
    let symmetric = LinearAlgebra.Scale(0.5, LinearAlgebra.Add(a, a.Transpose()))
    let lipschitz = Decompositions.SpectralNorm a
    let mu = Decompositions.SymmetricEigen(symmetric).Values[0]

    {
        new IOperator with
            member _.Operator z = z.Apply a
            member _.Solution = Block.zeros 1 1 a.Rows
            member _.Lipschitz = lipschitz
            member _.Monotonicity = mu
        interface IProblem with
            member _.Name = "linear operator"
            member _.Dimension = a.Rows

            member _.Constants = [
                Constant.exact "L" "‖A‖" lipschitz (fun () ->
                    sqrt (Linear.largestByBisection (LinearAlgebra.Multiply(a.Transpose(), a))))
                Constant.exact "mu + L" "least eigenvalue of the symmetric part" (mu + lipschitz) (fun () ->
                    Linear.smallestByBisection symmetric + lipschitz)
            ]
    }
