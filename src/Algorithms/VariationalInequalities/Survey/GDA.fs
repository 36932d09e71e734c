/// Gradient descent–ascent: the method that the extragradient family repairs.
///
/// Folklore; as in Beznosikov, Polyak, Gorbunov, Kovalev, Gasnikov, "Smooth Monotone Stochastic Variational Inequalities
/// and Saddle Point Problems: A Survey", 2022, arXiv 2208.13592.
/// Problem: F(z) = 0, F L-Lipschitz and μ-strongly monotone. For μ = 0 it diverges.
module Theory.Algorithms.VariationalInequalities.GDA

open Theory
open Theory.Numerics
open Theory.Algorithms

type Parameters = { Gamma: float }

/// γ = μ/L², the minimiser of 1 − 2γμ + γ²L²; 1/(4L) when μ = 0, where no stepsize helps.
let parameters (f: IOperator) : Parameters = {
    Gamma =
        if f.Monotonicity > 0.0 then
            f.Monotonicity / f.Lipschitz ** 2.0
        else
            1.0 / (4.0 * f.Lipschitz)
}

type State = {
    /// The iterate z_k.
    Z: Block
}

let init (z0: Block) : State = { Z = z0 }

let step (f: IOperator) (p: Parameters) (s: State) : State = { Z = s.Z - p.Gamma * f.Operator s.Z }

/// ‖z − z*‖².
let distance (f: IOperator) (s: State) = Block.normSquared (s.Z - f.Solution)

/// 1 − 2γμ + γ²L².
let factor (f: IOperator) (p: Parameters) =
    1.0 - 2.0 * p.Gamma * f.Monotonicity + (p.Gamma * f.Lipschitz) ** 2.0

let method: Method<IOperator, Parameters, State, unit> = {
    Name = "GDA"
    Summary = "z⁺ = z − γF(z)"
    Rule = parameters
    Conditions = fun _ p -> [ Condition.positive "γ" p.Gamma ]
    Draw = fun _ _ -> Draw.none
    Init = fun _ _ z0 -> init z0
    Step = fun f p () s -> step f p s
    Output = fun s -> s.Z
    Cost = fun _ _ () -> [ Charge.each Counter.OperatorCalls 1.0 ]
    FixedPoint = fun f _ -> Some { Z = f.Solution }
    Bounds =
        fun f p -> [
            Bounds.linear "‖z_k − z*‖² ≤ (1−2γμ+γ²L²)^k ‖z_0 − z*‖²" false (distance f) (factor f p)
        ]
}
