/// AdaBGDA: BGDA with adaptive scaling of both gradients, as the paper trains with it, and its certified form: clipped
/// scaling of θ without momentum.
module Theory.Algorithms.VariationalInequalities.AdaBGDA

open Theory
open Theory.Numerics
open Theory.Problems
open Theory.Algorithms

type Parameters = {
    /// γ_θ at the start.
    GammaTheta: float
    /// γ_θ from step Horizon on; linear in between.
    GammaEnd: float
    Horizon: int
    /// γ_π.
    GammaPi: float
    /// Adam's weights of the past for θ.
    Beta1: float
    Beta2: float
    /// RMSProp's weight of the past for π.
    BetaPi: float
    Epsilon: float
}

/// The published settings.
let parameters: Parameters = {
    GammaTheta = 0.008
    GammaEnd = 0.0004
    Horizon = 20000
    GammaPi = 0.1
    Beta1 = 0.9
    Beta2 = 0.999
    BetaPi = 0.999
    Epsilon = 1e-8
}

type State = {
    /// θ.
    Theta: Block
    /// log π, groups × lanes × 1.
    Logs: Block
    /// Adam's first moment.
    M: Block
    /// Adam's second moment.
    V: Block
    /// RMSProp's second moment of ∇_π, groups × lanes × 1.
    U: Block
    /// Steps so far.
    Count: int
}

let init (f: IGroupSaddle) (theta: Block) : State = {
    Theta = theta
    Logs = Block.stretch theta.Lanes (GroupSaddle.logPrior f)
    M = 0.0 * theta
    V = 0.0 * theta
    U = Block.zeros f.Groups theta.Lanes 1
    Count = 0
}

/// ∇_π of Σ π_m L_m − λ KL(π‖π̂): L_m − λ(log(π_m/π̂_m) + 1).
let weightGradient (f: IGroupSaddle) (theta: Block) (logs: Block) : Block =
    (f.Losses theta - f.Lambda * (logs - GroupSaddle.logPrior f)).AddConstant -f.Lambda

let step (f: IGroupSaddle) (p: Parameters) (s: State) : State =
    let g = GroupSaddle.weighted f s.Logs s.Theta
    let m, v = Adam.first p.Beta1 s.M g, Adam.second p.Beta2 s.V g
    let h = weightGradient f s.Theta s.Logs
    let u = Adam.second p.BetaPi s.U h
    let t = s.Count + 1
    let along = min 1.0 (float s.Count / float p.Horizon)
    let gamma = (1.0 - along) * p.GammaTheta + along * p.GammaEnd

    {
        Theta = s.Theta - gamma * Adam.direction p.Beta1 p.Beta2 p.Epsilon t m v
        Logs = GroupSaddle.normalise (s.Logs + p.GammaPi * (h / u.SquareRoot().AddConstant p.Epsilon))
        M = m
        V = v
        U = u
        Count = t
    }

let method: Method<IGroupSaddle, Parameters, State, unit> = {
    Name = "AdaBGDA"
    Summary = "Adam on θ with linearly decayed stepsize; π⁺ ∝ π exp(γ_π ∇_πL/√u), u a running mean of squares"
    Rule = fun _ -> parameters
    Conditions = fun _ p -> [ Condition.positive "γ_θ" p.GammaTheta; Condition.positive "γ_π" p.GammaPi ]
    Draw = fun _ _ -> Draw.none
    Init = fun f _ theta -> init f theta
    Step = fun f p () s -> step f p s
    Output = fun s -> s.Theta
    Cost = fun _ _ () -> [ Charge.each Counter.Gradients 1.0 ]
    // The moments move at the saddle point.
    FixedPoint = fun _ _ -> None
    Bounds = fun _ _ -> []
}

/// The certified form: scaling by a running root mean square that is clipped to [e, Γ], no momentum.
type ClippedParameters = {
    /// γ_θ.
    GammaTheta: float
    /// γ_π.
    GammaPi: float
    Beta2: float
    /// e.
    Low: float
    /// Γ.
    High: float
}

/// a = ½, [e, Γ] = [0.3, 1] and the largest γ_θ that the theorem allows.
let clippedParameters (f: IGroupSaddle) : ClippedParameters = {
    GammaTheta = ScaledDescent.stepLimit f f.GradientBound 0.5 0.3
    GammaPi = 0.5 / f.Lambda
    Beta2 = 0.999
    Low = 0.3
    High = 1.0
}

type ClippedState = {
    /// θ.
    Theta: Block
    /// log π, groups × lanes × 1.
    Logs: Block
    /// Running mean of squared gradients.
    V: Block
}

let private ascend (f: IGroupSaddle) (p: ClippedParameters) (s: ClippedState) =
    WeightSteps.explicit (WeightSteps.regulariser f) p.GammaPi (f.Losses s.Theta) s.Logs

let clippedStep (f: IGroupSaddle) (p: ClippedParameters) (s: ClippedState) : ClippedState =
    let logs = ascend f p s
    let g = GroupSaddle.weighted f logs s.Theta
    let v = Adam.second p.Beta2 s.V g

    {
        Theta = s.Theta - p.GammaTheta * (g / v.SquareRoot().Clamp(p.Low, p.High))
        Logs = logs
        V = v
    }

let clipped: Method<IGroupSaddle, ClippedParameters, ClippedState, unit> = {
    Name = "AdaBGDA-clipped"
    Summary = "BGDA with θ⁺ = θ − γ_θ D⁻¹Σπ⁺_m∇L_m(θ), D = √v clipped to [e, Γ], no momentum"
    Rule = clippedParameters
    Conditions =
        fun f p -> [
            Condition.positive "γ_θ" p.GammaTheta
            Condition.positive "e" p.Low
            Condition.atMost "e" p.Low "Γ" p.High
            Condition.probability "γ_πλ" (p.GammaPi * f.Lambda)
            Condition.atMost
                "γ_θ"
                p.GammaTheta
                "e·min{1/(2L_Φ), aλ/(√2G²)}"
                (ScaledDescent.stepLimit f f.GradientBound (p.GammaPi * f.Lambda) p.Low)
        ]
    Draw = fun _ _ -> Draw.none
    Init =
        fun f _ theta -> {
            Theta = theta
            Logs = Block.stretch theta.Lanes (GroupSaddle.logPrior f)
            V = 0.0 * theta
        }
    Step = fun f p () s -> clippedStep f p s
    Output = fun s -> s.Theta
    Cost = fun _ _ () -> [ Charge.each Counter.Gradients 1.0 ]
    FixedPoint =
        fun f _ ->
            BGDA.saddle f
            |> Option.map (fun s -> {
                Theta = s.Theta
                Logs = s.Logs
                V = 0.0 * s.Theta
            })
    Bounds =
        fun f p -> [
            if f.Radius = infinity then
                ScaledDescent.bound
                    "VI-PINN.8: mean ‖∇Φ(θ_t)‖²"
                    f
                    f.GradientBound
                    p.GammaTheta
                    (p.GammaPi * f.Lambda)
                    p.Low
                    p.High
                    (fun s -> s.Theta)
                    (ascend f p)
        ]
}
