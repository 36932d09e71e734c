/// ALSO: adaptive loss scaling, Adam on θ against KL-regularised weights of groups.
///
/// Feoktistov, Ignashin, Veprikov, Borovko, Bogdanov, Chezhegov, Beznosikov, "Aligning Distributionally Robust Optimization
/// with Practical Deep Learning Needs", 2025, arXiv 2508.16734; details of the steps from the authors' public code.
/// Problem: min_θ max_π Σ π_g f_g(θ) + (wd/2)‖θ‖² − λ KL(π‖π̂).
module Theory.Algorithms.VariationalInequalities.ALSOMethods

open Theory
open Theory.Numerics
open Theory.Problems
open Theory.Algorithms

/// How a gradient becomes a move of θ.
type Direction =
    /// Adam's, as in practice.
    | Adaptive
    /// The gradient itself.
    | Plain

type Parameters = {
    /// Stepsize of θ (lr).
    Eta: float
    /// Stepsize γ of the weights (pi_lr).
    Gamma: float
    /// Coupled weight decay wd.
    Decay: float
    /// Multiple α of the stored gradient in the look-ahead.
    Alpha: float
    Beta1: float
    Beta2: float
    Epsilon: float
    Direction: Direction
}

/// The defaults of the public code.
let parameters: Parameters = {
    Eta = 1e-3
    Gamma = 1e-3
    Decay = 1e-3
    Alpha = 1.0
    Beta1 = 0.9
    Beta2 = 0.999
    Epsilon = 1e-8
    Direction = Adaptive
}

/// Moments of Adam, advanced at every call.
type private Moments = { M: Block; V: Block; Calls: int }

/// The move of θ for a gradient, decay added, and the moments after it.
let private move (p: Parameters) (gradient: Block) (theta: Block) (moments: Moments) : Block * Moments =
    let g = gradient + p.Decay * theta

    match p.Direction with
    | Plain -> -p.Eta * g, moments
    | Adaptive ->
        let m, v = Adam.first p.Beta1 moments.M g, Adam.second p.Beta2 moments.V g
        let t = moments.Calls + 1
        -p.Eta * Adam.direction p.Beta1 p.Beta2 p.Epsilon t m v, { M = m; V = v; Calls = t }

/// The weight step for given losses.
let weigh (f: IGroupSaddle) (p: Parameters) : WeightSteps.Rule =
    WeightSteps.implicit (WeightSteps.regulariser f) p.Gamma

/// Another weight step for falsifiers.
type Weighing = IGroupSaddle -> Parameters -> WeightSteps.Rule

// ---- Descent-ascent ----------------------------------------------------------------------------------------------

type State = {
    /// θ.
    Theta: Block
    /// log π, groups × lanes × 1.
    Logs: Block
    /// Adam's first moment.
    M: Block
    /// Adam's second moment.
    V: Block
    /// Calls of Adam so far.
    Calls: int
}

/// π_0 = π̂.
let init (f: IGroupSaddle) (theta: Block) : State = {
    Theta = theta
    Logs = Block.stretch theta.Lanes (GroupSaddle.logPrior f)
    M = 0.0 * theta
    V = 0.0 * theta
    Calls = 0
}

let stepWith (weighing: Weighing) (f: IGroupSaddle) (p: Parameters) (s: State) : State =
    let moved, moments =
        move p (GroupSaddle.weighted f s.Logs s.Theta) s.Theta { M = s.M; V = s.V; Calls = s.Calls }

    {
        Theta = s.Theta + moved
        Logs = weighing f p (f.Losses s.Theta) s.Logs
        M = moments.M
        V = moments.V
        Calls = moments.Calls
    }

// ---- Optimistic --------------------------------------------------------------------------------------------------

type OptimisticState = {
    /// θ.
    Theta: Block
    /// log π, groups × lanes × 1.
    Logs: Block
    /// Adam's first moment.
    M: Block
    /// Adam's second moment.
    V: Block
    /// The stored gradient h_θ.
    Gradient: Block
    /// The stored losses h_π, groups × lanes × 1.
    Losses: Block
    /// Calls of Adam so far.
    Calls: int
    /// False before the first iteration, which looks nowhere ahead.
    Stored: bool
}

let initOptimistic (f: IGroupSaddle) (theta: Block) : OptimisticState = {
    Theta = theta
    Logs = Block.stretch theta.Lanes (GroupSaddle.logPrior f)
    M = 0.0 * theta
    V = 0.0 * theta
    Gradient = 0.0 * theta
    Losses = Block.zeros f.Groups theta.Lanes 1
    Calls = 0
    Stored = false
}

let optimisticWith (weighing: Weighing) (f: IGroupSaddle) (p: Parameters) (s: OptimisticState) : OptimisticState =
    let moments = { M = s.M; V = s.V; Calls = s.Calls }
    // Look ahead with what is stored.
    let theta, logs, moments =
        if s.Stored then
            let ahead, moments = move p (p.Alpha * s.Gradient) s.Theta moments
            s.Theta + ahead, weighing f p s.Losses s.Logs, moments
        else
            s.Theta, s.Logs, moments
    // Evaluate there, once.
    let losses, gradient = f.Losses theta, GroupSaddle.weighted f logs theta
    // Step from where the iteration began.
    let moved, moments = move p gradient s.Theta moments

    {
        Theta = s.Theta + moved
        Logs = weighing f p losses s.Logs
        M = moments.M
        V = moments.V
        Gradient = gradient
        Losses = losses
        Calls = moments.Calls
        Stored = true
    }

// ---- As methods --------------------------------------------------------------------------------------------------

let private conditions (p: Parameters) = [
    Condition.positive "lr" p.Eta
    Condition.positive "γ" p.Gamma
    Condition.atMost "β₁" p.Beta1 "1" 1.0
    Condition.atMost "β₂" p.Beta2 "1" 1.0
]

/// Descent and ascent at the same point.
let method: Method<IGroupSaddle, Parameters, State, unit> = {
    Name = "ALSO-DA"
    Summary = "θ⁺ = θ + Adam(Σπ_g∇f_g(θ) + wd·θ); π⁺ ∝ (π π̂^{γλ}e^{γf(θ)})^{1/(1+γλ)}"
    Rule = fun _ -> parameters
    Conditions = fun _ p -> conditions p
    Draw = fun _ _ -> Draw.none
    Init = fun f _ theta -> init f theta
    Step = fun f p () s -> stepWith weigh f p s
    Output = fun s -> s.Theta
    Cost = fun _ _ () -> [ Charge.each Counter.Gradients 1.0 ]
    FixedPoint =
        fun f p ->
            if p.Decay = 0.0 then
                f.Saddle
                |> Option.map (fun theta -> {
                    init f theta with
                        Logs = GroupSaddle.best f theta
                })
            else
                None
    Bounds = fun _ _ -> []
}

/// The default: look ahead along the stored gradients, evaluate there, step from the start.
let optimistic: Method<IGroupSaddle, Parameters, OptimisticState, unit> = {
    Name = "ALSO"
    Summary = "look ahead by the stored gradients to (θ', π'); θ⁺ = θ + Adam(Σπ'_g∇f_g(θ') + wd·θ); π⁺ from π and f(θ')"
    Rule = fun _ -> parameters
    Conditions = fun _ p -> conditions p
    Draw = fun _ _ -> Draw.none
    Init = fun f _ theta -> initOptimistic f theta
    Step = fun f p () s -> optimisticWith weigh f p s
    Output = fun s -> s.Theta
    Cost = fun _ _ () -> [ Charge.each Counter.Gradients 1.0 ]
    FixedPoint =
        fun f p ->
            if p.Decay = 0.0 then
                f.Saddle
                |> Option.map (fun theta -> {
                    initOptimistic f theta with
                        Logs = GroupSaddle.best f theta
                        Losses = f.Losses theta
                        Stored = true
                })
            else
                None
    Bounds = fun _ _ -> []
}
