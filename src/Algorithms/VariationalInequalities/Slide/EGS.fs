/// Gradient sliding for variational inequalities: an extragradient step whose first half solves the server's problem.
///
/// Kovalev, Beznosikov, Borodich, Gasnikov, Scutari, NeurIPS 2022, arXiv 2205.15136.
/// Problem: R = P + Q = 0, R μ-strongly monotone (monotone in VI-SLIDE.8), Q monotone, P L_p-Lipschitz.
module Theory.Algorithms.VariationalInequalities.EGS

open Theory
open Theory.Numerics
open Theory.Problems
open Theory.Algorithms

type Parameters = {
    /// Stepsize θ of the server's problem.
    Theta: float
    /// Stepsize η.
    Eta: float
    /// Pull α to u.
    Alpha: float
}

/// θ = 1/(2L_p), η = min{1/(4μ), 1/(4L_p)}, α = 2μ; for μ = 0, θ = η = 1/(2L_p), α = 0. A P that is constant allows any
/// L_p > 0; μ is the largest that costs no rate.
let parameters (f: ISplitOperator) : Parameters =
    let mu = f.Monotonicity
    let lp = if f.LipschitzP > 0.0 then f.LipschitzP else mu
    let theta = 1.0 / (2.0 * lp)

    {
        Theta = theta
        Eta = if mu > 0.0 then 0.25 / max mu lp else theta
        Alpha = 2.0 * mu
    }

type State = {
    /// The iterate x_k.
    X: Block
    /// u of the last step, where R was evaluated.
    U: Block
}

let init (x0: Block) : State = { X = x0; U = x0 }

/// u with P(x) + Q(u) + (u − x)/θ = e, e the residual that an inexact solve leaves over.
let solve (f: ISplitOperator) (p: Parameters) (residual: Block) (x: Block) : Block =
    f.Resolvent p.Theta (x - p.Theta * (f.P x - residual))

/// x⁺ = x + ηα(u − x) − ηR(u).
let advance (f: ISplitOperator) (p: Parameters) (u: Block) (x: Block) : State = {
    X = x + (p.Eta * p.Alpha) * (u - x) - p.Eta * f.Operator u
    U = u
}

let step (f: ISplitOperator) (p: Parameters) (s: State) : State =
    let u = f.Resolvent p.Theta (s.X - p.Theta * f.P s.X)
    advance f p u s.X

/// ‖x − x*‖².
let distance (f: ISplitOperator) (s: State) = Block.normSquared (s.X - f.Solution)

/// 1 − ηα, which is 1 − ½min{1, μ/L_p} at the theorem's parameters.
let contraction (p: Parameters) = 1.0 - p.Eta * p.Alpha

let method: Method<ISplitOperator, Parameters, State, unit> = {
    Name = "EGS"
    Summary = "u: P(x) + Q(u) + (u−x)/θ = 0; x⁺ = x + ηα(u−x) − ηR(u)"
    Rule = parameters
    Conditions =
        fun f p -> [
            Condition.positive "η" p.Eta
            Condition.atMost "2L_pθ" (2.0 * f.LipschitzP * p.Theta) "1" 1.0
            Condition.atMost "α" p.Alpha "2μ" (2.0 * f.Monotonicity)
            if p.Alpha > 0.0 then
                Condition.atMost "2ηα" (2.0 * p.Eta * p.Alpha) "1" 1.0
                Condition.atMost "2η" (2.0 * p.Eta) "θ" p.Theta
            else
                Condition.atMost "η" p.Eta "θ" p.Theta
        ]
    Draw = fun _ _ -> Draw.none
    Init = fun _ _ x0 -> init x0
    Step = fun f p () s -> step f p s
    Output = fun s -> s.X
    // Two rounds, in each P from all workers; Q(u), which with P(u) makes R(u), and the server's problem are local.
    Cost =
        fun _ _ () -> [
            Charge.each Counter.Rounds 2.0
            Charge.each Counter.OperatorCalls 2.0
            Charge.each Counter.ComponentCalls 1.0
            Charge.each Counter.ProxCalls 1.0
        ]
    FixedPoint = fun f _ -> Some(init f.Solution)
    Bounds =
        fun f p -> [
            if f.Monotonicity > 0.0 then
                Bounds.linear "VI-SLIDE.2: ‖x_k − x*‖²" false (distance f) (contraction p)
        ]
}
