/// ψ = ½‖x‖²: the simplest term with a prox that is no indicator.
module Theory.Algorithms.CommunicationEfficient.Ridge

open Theory
open Theory.Numerics

/// prox_{cψ}(x) = x/(1+c).
let prox (c: float) (x: Block) : Block = x / (1.0 + c)

/// The minimiser of f + ψ for a quadratic f with the given Hessian: (A + I)x = A·argmin f.
let solution (hessian: Matrix) (f: IObjective) : Block =
    let d = hessian.Rows

    let shifted =
        Matrix.Create(d, d, (fun i j -> hessian[i, j] + (if i = j then 1.0 else 0.0)))

    let right = Matrix(d, 1, f.Minimiser.Apply(hessian).ToArray())
    let solved = Decompositions.Solve(shifted, right)
    Block.vector (Array.init d (fun i -> solved[i, 0]))
