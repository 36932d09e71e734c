/// Stochastic extragradient with one sample a step, or with two independent ones.
///
/// Mishchenko, Kovalev, Shulgin, Richtárik, Malitsky, "Revisiting Stochastic Extragradient", AISTATS 2020,
/// arXiv 1905.11373.
/// Problem: F = (1/n) Σ F_i(z) = 0, every F_i L-Lipschitz and μ-strongly monotone (or skew, μ = 0).
module Theory.Algorithms.VariationalInequalities.SampledExtragradient

open Theory
open Theory.Numerics
open Theory.Problems
open Theory.Algorithms

type Parameters = { Gamma: float }

/// γ = 1/(2L), L that of the summands.
let parameters (f: IFiniteSumOperator) : Parameters = {
    Gamma = 1.0 / (2.0 * Summands.lipschitz f)
}

type State = {
    /// The iterate z_k.
    Z: Block
}

/// y = z − γF_i(z); z⁺ = z − γF_j(y).
let private twoCalls (f: IFiniteSumOperator) (p: Parameters) (i: Indices) (j: Indices) (s: State) : State =
    let y = s.Z - p.Gamma * f.OperatorAt i s.Z
    { Z = s.Z - p.Gamma * f.OperatorAt j y }

/// The step of SSEG: both calls on the same sample.
let step (f: IFiniteSumOperator) (p: Parameters) (i: Indices) (s: State) : State = twoCalls f p i i s

/// The step of ISEG: a fresh sample for the second call.
let independentStep (f: IFiniteSumOperator) (p: Parameters) (i: Indices, j: Indices) (s: State) : State =
    twoCalls f p i j s

/// ‖z − z*‖².
let distance (f: IFiniteSumOperator) (s: State) = Block.normSquared (s.Z - f.Solution)

/// 1 − 2γμ/3, μ that of the summands.
let contraction (f: IFiniteSumOperator) (p: Parameters) =
    1.0 - 2.0 * p.Gamma * Summands.monotonicity f / 3.0

/// The factor c of the noise cγ²σ²: 2 where γμ ≤ 1/4, else 4.
let noiseFactor (f: IFiniteSumOperator) (p: Parameters) =
    if p.Gamma * Summands.monotonicity f <= 0.25 then
        2.0
    else
        4.0

/// The floor to which the noise sums: 3γσ²/μ where c = 2.
let private floor (f: IFiniteSumOperator) (p: Parameters) =
    noiseFactor f p * p.Gamma ** 2.0 * Summands.noise f / (1.0 - contraction f p)

/// The bound of VI-SEG.1b along a run.
let runBound (f: IFiniteSumOperator) (p: Parameters) : RunBound<State> =
    Bounds.linearToFloor "VI-SEG.1b: E‖z_k − z*‖²" true (distance f) (contraction f p) (floor f p)

let sameSample: Method<IFiniteSumOperator, Parameters, State, Indices> = {
    Name = "SSEG"
    Summary = "y = z − γF_i(z); z⁺ = z − γF_i(y)"
    Rule = parameters
    Conditions =
        fun f p -> [
            Condition.positive "γ" p.Gamma
            Condition.atMost "γ" p.Gamma "1/(2L)" (parameters f).Gamma
        ]
    Draw = fun f _ -> Draw.index f.Count
    Init = fun _ _ z0 -> { Z = z0 }
    Step = step
    Output = fun s -> s.Z
    Cost = fun _ _ _ -> [ Charge.each Counter.ComponentCalls 2.0; Charge.each Counter.Samples 1.0 ]
    FixedPoint = fun _ _ -> None
    Bounds =
        fun f p -> [
            if Summands.monotonicity f > 0.0 && p.Gamma <= (parameters f).Gamma then
                runBound f p
        ]
}

let independent: Method<IFiniteSumOperator, Parameters, State, Indices * Indices> = {
    Name = "ISEG"
    Summary = "y = z − γF_i(z); z⁺ = z − γF_j(y), i and j independent"
    Rule = parameters
    Conditions = sameSample.Conditions
    Draw = fun f _ -> Draw.both (Draw.index f.Count) (Draw.index f.Count)
    Init = sameSample.Init
    Step = independentStep
    Output = fun s -> s.Z
    Cost = fun _ _ _ -> [ Charge.each Counter.ComponentCalls 2.0; Charge.each Counter.Samples 2.0 ]
    FixedPoint = fun _ _ -> None
    Bounds = fun _ _ -> []
}
