/// ALSO's certified form: descent and ascent with full gradients, no momentum, and scaling by √v + ε clipped to [e, Γ].
module Theory.Algorithms.VariationalInequalities.ALSOClipped

open Theory
open Theory.Numerics
open Theory.Problems
open Theory.Algorithms
open Theory.Algorithms.VariationalInequalities.ScaledDescent

type Parameters = {
    /// γ_θ.
    Eta: float
    /// γ of the weights.
    Gamma: float
    Beta2: float
    Epsilon: float
    /// e.
    Low: float
    /// Γ.
    High: float
}

/// a = γλ/(1+γλ).
let share (f: IGroupSaddle) gamma =
    gamma * f.Lambda / (1.0 + gamma * f.Lambda)

/// γλ = 1, [e, Γ] = [0.3, 1] and the largest γ_θ that the theorem allows.
let parameters (f: IGroupSaddle) : Parameters = {
    Eta = stepLimit f f.GradientBound 0.5 0.3
    Gamma = 1.0 / f.Lambda
    Beta2 = 0.999
    Epsilon = 1e-8
    Low = 0.3
    High = 1.0
}

type State = {
    /// θ.
    Theta: Block
    /// log π, groups × lanes × 1.
    Logs: Block
    /// Second moment.
    V: Block
}

let step (f: IGroupSaddle) (p: Parameters) (s: State) : State =
    let g = GroupSaddle.weighted f s.Logs s.Theta
    let v = Adam.second p.Beta2 s.V g
    let d = (v.SquareRoot().AddConstant p.Epsilon).Clamp(p.Low, p.High)

    {
        Theta = s.Theta - p.Eta * (g / d)
        Logs = WeightSteps.implicit (WeightSteps.regulariser f) p.Gamma (f.Losses s.Theta) s.Logs
        V = v
    }

let method: Method<IGroupSaddle, Parameters, State, unit> = {
    Name = "ALSO-clipped"
    Summary = "θ⁺ = θ − γ_θ D⁻¹Σπ_g∇f_g(θ), D = √v + ε clipped to [e, Γ]; π⁺ ∝ (π π̂^{γλ}e^{γf(θ)})^{1/(1+γλ)}"
    Rule = parameters
    Conditions =
        fun f p -> [
            Condition.positive "γ_θ" p.Eta
            Condition.positive "γ" p.Gamma
            Condition.positive "e" p.Low
            Condition.atMost "e" p.Low "Γ" p.High
            Condition.atMost
                "γ_θ"
                p.Eta
                "e·min{1/(2L_Φ), aλ/(√2G²)}"
                (stepLimit f f.GradientBound (share f p.Gamma) p.Low)
        ]
    Draw = fun _ _ -> Draw.none
    Init =
        fun f _ theta -> {
            Theta = theta
            Logs = Block.stretch theta.Lanes (GroupSaddle.logPrior f)
            V = 0.0 * theta
        }
    Step = fun f p () s -> step f p s
    Output = fun s -> s.Theta
    Cost = fun _ _ () -> [ Charge.each Counter.Gradients 1.0 ]
    FixedPoint =
        fun f _ ->
            f.Saddle
            |> Option.map (fun theta -> {
                Theta = theta
                Logs = GroupSaddle.best f theta
                V = 0.0 * theta
            })
    Bounds =
        fun f p -> [
            // On a ball only, a run may leave it.
            if f.Radius = infinity then
                bound
                    "VI-ALSO.8: mean ‖∇Φ(θ_t)‖²"
                    f
                    f.GradientBound
                    p.Eta
                    (share f p.Gamma)
                    p.Low
                    p.High
                    (fun s -> s.Theta)
                    (fun s -> s.Logs)
        ]
}

// ---- VI-ALSO.8 -------------------------------------------------------------------------------------------------

/// γ such that γλ/(1+γλ) is the given share.
let private implicitly (f: IGroupSaddle) share =
    WeightSteps.implicit (WeightSteps.regulariser f) (share / (1.0 - share) / f.Lambda)

let private bounded ctx (spec: SineSpec) factor =
    let f = Groups.sines spec :> IGroupSaddle

    scaledRuns (implicitly f) [ 0.1; 0.5; 0.9 ] spec.Seed (horizon ctx)
    |> List.map (fun run -> evidence ctx f { run with ScalingFactor = factor })
    |> Pieces.all

let claim: Claim =
    Claim.create {
        Claim.spec
            "VI-ALSO.8"
            ClaimKind.Sure
            "descent-ascent without momentum, scaling in [e, Γ] of any history: mean of ‖∇Φ‖² ≤ 2Γ(Φ(θ_0)−inf Φ)/(γ_θK) + ΓG²s_0²/(4eaK), a = γλ/(1+γλ)"
            sines
            (fun ctx spec -> bounded ctx spec 1.0) with
            Formula =
                @"\min_{t<K}\|\nabla\Phi(\theta_t)\|^2\le\frac{2\Gamma(\Phi(\theta_0)-\inf\Phi)}{\gamma_\theta K}+\frac{\Gamma G^2s_0^2}{4eaK},\quad a=\frac{\gamma\lambda}{1+\gamma\lambda}"
            Assumptions = "as VI-PINN.8, γ_θ ≤ e·min{1/(2L_Φ), aλ/(√2G²)}, β₁ = 0, full gradients; both orders"
            Source = "derived: VI-PINN.8 with the implicit weight step, which multiplies the span by 1 − a"
            Falsifiers = [
                Falsifier.check "D × 300, outside [e, Γ]" (fun ctx spec -> bounded ctx spec 300.0)
                |> Falsifier.at [ opposite 1.0 ]
            ]
    }
