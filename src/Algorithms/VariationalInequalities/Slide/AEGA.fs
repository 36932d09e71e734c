/// The accelerated extragradient method with weights that vary in time: no strong convexity is needed.
///
/// Kovalev, Beznosikov, Borodich, Gasnikov, Scutari, NeurIPS 2022, arXiv 2205.15136; the weights are the largest that the
/// proof allows.
/// Problem: r = p + q, r (strongly) convex, q convex, p L_p-smooth and perhaps nonconvex.
module Theory.Algorithms.VariationalInequalities.AEGA

open Theory
open Theory.Numerics
open Theory.Problems
open Theory.Algorithms

type Parameters = {
    /// λ, inverse stepsize of the server's problem.
    Lambda: float
    /// The strong convexity that the weights use; 0 is always allowed.
    Mu: float
}

/// λ = 2L_p. A p without curvature allows any λ > 0.
let parameters (f: ISplit) : Parameters = {
    Lambda =
        if f.SmoothnessP > 0.0 then
            2.0 * f.SmoothnessP
        else
            f.Smoothness
    Mu = f.StrongConvexity
}

type State = {
    /// The iterate x.
    X: Block
    /// The estimate sequence's minimiser v.
    V: Block
    /// A_k, the weight of x; the same in every lane.
    A: float
    /// B_k = 1 + μA_k, the weight of v.
    B: float
}

let init (x0: Block) : State = { X = x0; V = x0; A = 0.0; B = 1.0 }

/// The positive root a of λa² = (A + a)B.
let weight (p: Parameters) (s: State) : float =
    (s.B + sqrt (s.B * s.B + 4.0 * p.Lambda * s.A * s.B)) / (2.0 * p.Lambda)

/// y = (Ax + av)/(A + a).
let extrapolate (a: float) (s: State) : Block = (s.A * s.X + a * s.V) / (s.A + a)

/// The server's problem at y, e its leftover gradient.
let solve (f: ISplit) (p: Parameters) (e: Block) (y: Block) : Block =
    f.ProxQ (1.0 / p.Lambda) (y - (1.0 / p.Lambda) * (f.GradientP y - e))

/// What follows once x⁺ and the gradient g there are known.
let advance (p: Parameters) (a: float) (next: Block) (g: Block) (s: State) : State = {
    X = next
    V = (s.B * s.V + (p.Mu * a) * next - a * g) / (s.B + p.Mu * a)
    A = s.A + a
    B = s.B + p.Mu * a
}

let step (f: ISplit) (p: Parameters) (s: State) : State =
    let a = weight p s
    let y = extrapolate a s
    let next = f.ProxQ (1.0 / p.Lambda) (y - (1.0 / p.Lambda) * f.GradientP y)
    advance p a next (f.Gradient next) s

/// A_k(r(x_k) − r*) + (B_k/2)‖v_k − x*‖².
let potential (f: ISplit) (s: State) =
    s.A * Objective.gap f s.X + (0.5 * s.B) * Block.normSquared (s.V - f.Minimiser)

/// VI-SLIDE.7: r(x_k) − r* ≤ 2λ‖x_0 − x*‖²/k², which is 4L_p‖x_0 − x*‖²/k²; at k = 0, smoothness of r.
let rate (f: ISplit) (p: Parameters) : RunBound<State> = {
    Name = "VI-SLIDE.7: r(x_k) − r*"
    Measure = fun s -> Objective.gap f s.X
    Summary = Summary.Last
    Scale = fun s -> Block.normSquared (s.X - f.Minimiser)
    Bound =
        fun k start ->
            if k = 0 then
                0.5 * f.Smoothness * start
            else
                2.0 * p.Lambda * start / float k ** 2.0
    InExpectation = false
}

let method: Method<ISplit, Parameters, State, unit> = {
    Name = "AEG-A"
    Summary =
        "λa² = (A+a)B; y = (Ax+av)/(A+a); x⁺ = argmin ⟨∇p(y), ·⟩ + (λ/2)‖·−y‖² + q; v⁺ = (Bv + μax⁺ − a∇r(x⁺))/(B+μa)"
    Rule = parameters
    Conditions =
        fun f p -> [
            Condition.positive "λ" p.Lambda
            Condition.atMost "2L_p" (2.0 * f.SmoothnessP) "λ" p.Lambda
            Condition.atMost "μ of the weights" p.Mu "μ" f.StrongConvexity
        ]
    Draw = fun _ _ -> Draw.none
    Init = fun _ _ x0 -> init x0
    Step = fun f p () s -> step f p s
    Output = fun s -> s.X
    Cost = fun _ _ () -> AEG.cost
    FixedPoint = fun f _ -> Some(init f.Minimiser)
    Bounds = fun f p -> [ rate f p ]
}
