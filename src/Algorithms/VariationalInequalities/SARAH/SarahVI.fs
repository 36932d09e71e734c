/// SARAH for variational inequalities.
///
/// Beznosikov, Gasnikov, "SARAH-based Variance-reduced Algorithm for Stochastic Finite-sum Cocoercive Variational
/// Inequalities", 2022, arXiv 2210.05994.
/// Problem: F = (1/n) Σ F_i(z) = 0, every F_i ℓ-cocoercive, F μ-strongly monotone.
module Theory.Algorithms.VariationalInequalities.SarahVI

open System
open Theory
open Theory.Numerics
open Theory.Problems
open Theory.Algorithms

/// K is the number of inner steps of one outer step.
type Parameters = { Gamma: float; K: int }

/// K = ⌈ln 8/((16/9)γμ)⌉.
let innerSteps (f: IFiniteSumOperator) (gamma: float) =
    int (ceil (log 8.0 / (16.0 / 9.0 * gamma * f.Monotonicity)))

/// γ = 2/(9ℓ) and K = ⌈ln 8/((16/9)γμ)⌉; where no ℓ or μ is known, L_m in place of ℓ and K = n.
let parameters (f: IFiniteSumOperator) : Parameters =
    let l = Summands.cocoercivity f

    if f.Monotonicity > 0.0 && Double.IsFinite l then
        let gamma = 2.0 / (9.0 * l)

        {
            Gamma = gamma
            K = innerSteps f gamma
        }
    else
        {
            Gamma = 2.0 / (9.0 * Summands.lipschitz f)
            K = f.Count
        }

/// What an outer step keeps between its inner steps.
type Inner = {
    /// z_t.
    Z: Block
    /// v_t, the estimate of F(z_t).
    V: Block
}

/// z_0 = z̃, v_0 = F(z̃).
let start (f: IFiniteSumOperator) (z: Block) : Inner = { Z = z; V = f.Operator z }

/// z⁺ = z − γv; v⁺ = F_i(z⁺) − F_i(z) + v.
let innerStep (f: IFiniteSumOperator) (gamma: float) (i: Indices) (s: Inner) : Inner =
    let z = s.Z - gamma * s.V

    {
        Z = z
        V = f.OperatorAt i z - f.OperatorAt i s.Z + s.V
    }

type State = {
    /// z̃, the last iterate of the inner loop before.
    Z: Block
}

/// One outer step: K inner ones from z̃, each with the index that its place in `indices` says.
let step (f: IFiniteSumOperator) (p: Parameters) (indices: Indices) (s: State) : State =
    let last =
        (start f s.Z, seq { 0 .. p.K - 1 })
        ||> Seq.fold (fun inner t -> innerStep f p.Gamma (Order.at t indices) inner)

    { Z = last.Z }

/// ‖F(z̃)‖².
let residual (f: IFiniteSumOperator) (s: State) = Block.normSquared (f.Operator s.Z)

/// 2(1 − γμ(2−γℓ))^K + 2γℓ/(2−γℓ).
let outerFactor (f: IFiniteSumOperator) (p: Parameters) =
    let gl = p.Gamma * Summands.cocoercivity f

    2.0 * (1.0 - p.Gamma * f.Monotonicity * (2.0 - gl)) ** float p.K
    + 2.0 * gl / (2.0 - gl)

let method: Method<IFiniteSumOperator, Parameters, State, Indices> = {
    Name = "SARAH-VI"
    Summary = "z_0 = z̃, v_0 = F(z̃); K times z⁺ = z − γv, v⁺ = F_i(z⁺) − F_i(z) + v; z̃⁺ = z_K"
    Rule = parameters
    Conditions =
        fun f p -> [
            Condition.positive "γ" p.Gamma
            Condition.atMost "γ" p.Gamma "2/ℓ" (2.0 / Summands.cocoercivity f)
            Condition.positive "K" (float p.K)
        ]
    Draw = fun f p -> Draw.indices f.Count p.K
    Init = fun _ _ z0 -> { Z = z0 }
    Step = step
    Output = fun s -> s.Z
    // n + 2K component calls, the first n of them as one call of F.
    Cost =
        fun _ p _ -> [
            Charge.each Counter.OperatorCalls 1.0
            Charge.each Counter.ComponentCalls (2.0 * float p.K)
        ]
    FixedPoint = fun f _ -> Some { Z = f.Solution }
    Bounds =
        fun f p -> [
            if
                Double.IsFinite(Summands.cocoercivity f)
                && p.Gamma * Summands.cocoercivity f < 2.0
            then
                Bounds.linear "VI-SARAH.3: E‖F(z̃_k)‖²" true (residual f) (outerFactor f p)
        ]
}
