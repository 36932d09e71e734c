/// The accelerated extragradient method: gradient sliding that asks for ∇p only √(L_p/μ) times.
///
/// Kovalev, Beznosikov, Borodich, Gasnikov, Scutari, NeurIPS 2022, arXiv 2205.15136.
/// Problem: r = p + q, r μ-strongly convex, q convex, p L_p-smooth and perhaps nonconvex.
module Theory.Algorithms.VariationalInequalities.AEG

open Theory
open Theory.Numerics
open Theory.Problems
open Theory.Algorithms

type Parameters = {
    /// Stepsize θ of the server's problem.
    Theta: float
    /// Weight τ of the slow sequence in x_g.
    Tau: float
    /// Stepsize η of the slow sequence.
    Eta: float
    /// Pull α of the slow sequence to x_f⁺.
    Alpha: float
}

/// θ = 1/(2L_p), τ = min{1, ½√(μ/L_p)}, η = min{1/(2μ), 1/(2√(μL_p))}, α = μ for the given constants.
let parametersOf (mu: float) (lp: float) : Parameters = {
    Theta = 1.0 / (2.0 * lp)
    Tau = min 1.0 (0.5 * sqrt (mu / lp))
    Eta = min (1.0 / (2.0 * mu)) (1.0 / (2.0 * sqrt (mu * lp)))
    Alpha = mu
}

/// The theorem's parameters. A p without curvature allows any L_p > 0; μ/4 is the largest that costs no rate.
let parameters (f: ISplit) : Parameters =
    let mu = f.StrongConvexity
    parametersOf mu (if f.SmoothnessP > 0.0 then f.SmoothnessP else 0.25 * mu)

type State = {
    /// The slow sequence x.
    X: Block
    /// The fast sequence x_f, which the method returns.
    Fast: Block
}

let init (x0: Block) : State = { X = x0; Fast = x0 }

/// What a step asks for: other solvers of the server's problem and estimates of the gradients make other methods.
[<NoEquality; NoComparison>]
type Oracles = {
    /// ∇p.
    GradientP: Block -> Block
    /// ∇r.
    Gradient: Block -> Block
    /// θ, g, c ↦ a point near argmin_y A(y) = ⟨g, y⟩ + ‖y − c‖²/(2θ) + q(y).
    Solve: float -> Block -> Block -> Block
}

/// The problem's own gradients and the server's problem solved exactly.
let exact (f: ISplit) : Oracles = {
    GradientP = f.GradientP
    Gradient = f.Gradient
    Solve = fun theta g c -> f.ProxQ theta (c - theta * g)
}

/// x_g = τx + (1−τ)x_f.
let extrapolate (p: Parameters) (s: State) : Block = p.Tau * s.X + (1.0 - p.Tau) * s.Fast

/// One step with given oracles.
let stepWith (o: Oracles) (p: Parameters) (s: State) : State =
    let xg = extrapolate p s
    let fast = o.Solve p.Theta (o.GradientP xg) xg

    {
        X = s.X + (p.Eta * p.Alpha) * (fast - s.X) - p.Eta * o.Gradient fast
        Fast = fast
    }

let step (f: ISplit) (p: Parameters) (s: State) : State = stepWith (exact f) p s

/// Ψ = ‖x − x*‖²/η + (2/τ)(r(x_f) − r*).
let lyapunov (f: ISplit) (p: Parameters) (s: State) =
    (1.0 / p.Eta) * Block.normSquared (s.X - f.Minimiser)
    + (2.0 / p.Tau) * Objective.gap f s.Fast

/// 1 − min{ηα, τ}, which is 1 − ½min{1, √(μ/L_p)} at the theorem's parameters.
let contraction (p: Parameters) = 1.0 - min (p.Eta * p.Alpha) p.Tau

/// What the proof asks of the parameters.
let conditions (f: ISplit) (p: Parameters) : Condition list = [
    Condition.positive "μ" f.StrongConvexity
    Condition.positive "η" p.Eta
    Condition.probability "τ" p.Tau
    Condition.atMost "2L_pθ" (2.0 * f.SmoothnessP * p.Theta) "1" 1.0
    Condition.atMost "α" p.Alpha "μ" f.StrongConvexity
    Condition.atMost "2ηα" (2.0 * p.Eta * p.Alpha) "1" 1.0
    Condition.atMost "2ητ" (2.0 * p.Eta * p.Tau) "θ" p.Theta
]

/// Two rounds a step, in each a gradient of p from all workers (Gradients); one gradient of the server's own q, which with
/// ∇p makes ∇r (ComponentGradients); the server's problem (ProxCalls).
let cost: Charge list = [
    Charge.each Counter.Rounds 2.0
    Charge.each Counter.Gradients 2.0
    Charge.each Counter.ComponentGradients 1.0
    Charge.each Counter.ProxCalls 1.0
]

let method: Method<ISplit, Parameters, State, unit> = {
    Name = "AEG"
    Summary = "x_g = τx + (1−τ)x_f; x_f⁺ = argmin ⟨∇p(x_g), y⟩ + ‖y−x_g‖²/(2θ) + q(y); x⁺ = x + ηα(x_f⁺−x) − η∇r(x_f⁺)"
    Rule = parameters
    Conditions = conditions
    Draw = fun _ _ -> Draw.none
    Init = fun _ _ x0 -> init x0
    Step = fun f p () s -> step f p s
    Output = fun s -> s.Fast
    Cost = fun _ _ () -> cost
    FixedPoint = fun f _ -> Some(init f.Minimiser)
    Bounds =
        fun f p -> [
            if f.StrongConvexity > 0.0 then
                Bounds.linear "VI-SLIDE.1: Ψ_k" false (lyapunov f p) (contraction p)
        ]
}
