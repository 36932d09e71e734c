/// BGDA: gradient descent on θ against Bregman ascent on the weights of losses.
///
/// Bylinkin, Aleksandrov, Chezhegov et al., "Enhancing Stability of Physics-Informed Neural Network Training Through
/// Saddle-Point Reformulation", 2025 (ICLR 2026).
/// Problem: min_θ max_π Σ π_m L_m(θ) − λ KL(π‖π̂), ‖∇L_m‖ ≤ G, L_m L_1-smooth; Φ(θ) = max_π.
module Theory.Algorithms.VariationalInequalities.BGDA

open Theory
open Theory.Numerics
open Theory.Problems
open Theory.Algorithms

type Parameters = {
    /// γ_θ.
    GammaTheta: float
    /// γ_π.
    GammaPi: float
}

/// γ_π for a share a = γ_πλ, and the largest γ_θ that the theorem allows with it.
let parametersFor (share: float) (f: IGroupSaddle) : Parameters = {
    GammaTheta = ScaledDescent.stepLimit f f.GradientBound share 1.0
    GammaPi = share / f.Lambda
}

/// a = γ_πλ.
let share (f: IGroupSaddle) (p: Parameters) = p.GammaPi * f.Lambda

type State = {
    /// θ.
    Theta: Block
    /// log π, groups × lanes × 1.
    Logs: Block
}

/// π_0 = π̂.
let init (f: IGroupSaddle) (theta: Block) : State = {
    Theta = theta
    Logs = Block.stretch theta.Lanes (GroupSaddle.logPrior f)
}

/// π⁺ = argmax_π γ_π⟨∇_πL(θ, π_t), π⟩ − KL(π‖π_t).
let ascend (f: IGroupSaddle) (p: Parameters) (s: State) : Block =
    WeightSteps.explicit (WeightSteps.regulariser f) p.GammaPi (f.Losses s.Theta) s.Logs

/// The weights that the next descent uses.
let used order f p (s: State) =
    match order with
    | ScaledDescent.NewWeights -> ascend f p s
    | ScaledDescent.OldWeights -> s.Logs

let step order (f: IGroupSaddle) (p: Parameters) (s: State) : State =
    let logs = ascend f p s
    let acting = if order = ScaledDescent.NewWeights then logs else s.Logs

    {
        Theta = s.Theta - p.GammaTheta * GroupSaddle.weighted f acting s.Theta
        Logs = logs
    }

/// The saddle point, where the problem knows it.
let saddle (f: IGroupSaddle) : State option =
    f.Saddle
    |> Option.map (fun theta -> {
        Theta = theta
        Logs = GroupSaddle.best f theta
    })

/// The conditions that both orders share.
let conditions (f: IGroupSaddle) (p: Parameters) = [
    Condition.positive "γ_θ" p.GammaTheta
    Condition.probability "γ_πλ" (share f p)
    Condition.atMost
        "γ_θ"
        p.GammaTheta
        "min{1/(2L_Φ), aλ/(√2G²)}"
        (ScaledDescent.stepLimit f f.GradientBound (share f p) 1.0)
]

let methodWith order : Method<IGroupSaddle, Parameters, State, unit> = {
    Name =
        (match order with
         | ScaledDescent.NewWeights -> "BGDA"
         | ScaledDescent.OldWeights -> "BGDA-simultaneous")
    Summary =
        (match order with
         | ScaledDescent.NewWeights -> "π⁺ ∝ π^{1−γλ}π̂^{γλ}e^{γL(θ)}; θ⁺ = θ − γ_θ Σπ⁺_m∇L_m(θ)"
         | ScaledDescent.OldWeights -> "π⁺ ∝ π^{1−γλ}π̂^{γλ}e^{γL(θ)}; θ⁺ = θ − γ_θ Σπ_m∇L_m(θ)")
    Rule = parametersFor 0.5
    Conditions = conditions
    Draw = fun _ _ -> Draw.none
    Init = fun f _ theta -> init f theta
    Step = fun f p () s -> step order f p s
    Output = fun s -> s.Theta
    Cost = fun _ _ () -> [ Charge.each Counter.Gradients 1.0 ]
    FixedPoint = fun f _ -> saddle f
    Bounds =
        fun f p -> [
            // On a ball only, a run may leave it.
            if f.Radius = infinity then
                ScaledDescent.bound
                    "VI-PINN.5: mean ‖∇Φ(θ_t)‖²"
                    f
                    f.GradientBound
                    p.GammaTheta
                    (share f p)
                    1.0
                    1.0
                    (fun s -> s.Theta)
                    (used order f p)
        ]
}

/// New weights first.
let method = methodWith ScaledDescent.NewWeights

/// Both at once.
let simultaneous = methodWith ScaledDescent.OldWeights
