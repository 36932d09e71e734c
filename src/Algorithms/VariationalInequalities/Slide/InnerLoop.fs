/// The server's problem of AEG solved by gradients of q: a fast gradient method, then OGM-G, which makes the gradient small.
///
/// Kovalev, Beznosikov, Borodich, Gasnikov, Scutari, NeurIPS 2022, arXiv 2205.15136; Nesterov, Soviet Math. Doklady 27
/// (1983); Kim, Fessler, J. Optim. Theory Appl. 188 (2021) for OGM-G.
module Theory.Algorithms.VariationalInequalities.InnerLoop

open Theory
open Theory.Numerics
open Theory.Problems
open Theory.Algorithms

type Parameters = {
    Theta: float
    Tau: float
    Eta: float
    Alpha: float
    /// N, steps of each of the two inner methods.
    Inner: int
}

/// The least N ≥ 1 with N + 1 ≥ 24^{1/4}√(2 + L_q/L_p).
let innerSteps (lp: float) (lq: float) : int =
    max 1 (int (ceil (24.0 ** 0.25 * sqrt (2.0 + lq / lp))) - 1)

let private outer (p: Parameters) : AEG.Parameters = {
    Theta = p.Theta
    Tau = p.Tau
    Eta = p.Eta
    Alpha = p.Alpha
}

/// AEG's parameters, and N from its L_p = 1/(2θ).
let parameters (f: ISplit) : Parameters =
    let p = AEG.parameters f

    {
        Theta = p.Theta
        Tau = p.Tau
        Eta = p.Eta
        Alpha = p.Alpha
        Inner = innerSteps (1.0 / (2.0 * p.Theta)) f.SmoothnessQ
    }

/// ∇A(y) = g + (y − c)/θ + ∇q(y).
let gradientA (f: ISplit) theta (g: Block) (c: Block) (y: Block) : Block =
    g + (1.0 / theta) * (y - c) + f.GradientQ y

/// N steps of each method from c = x_g.
let solve (f: ISplit) (steps: int) theta (g: Block) (c: Block) : Block =
    let gradient = gradientA f theta g c
    let l = 1.0 / theta + f.SmoothnessQ

    GradientSolvers.fast gradient l steps c
    |> GradientSolvers.gradientNorm gradient l (GradientSolvers.weights steps)

let step (f: ISplit) (p: Parameters) (s: AEG.State) : AEG.State =
    let oracles = {
        AEG.exact f with
            Solve = solve f p.Inner
    }

    AEG.stepWith oracles (outer p) s

let method: Method<ISplit, Parameters, AEG.State, unit> = {
    Name = "AEG-OGMG"
    Summary = "AEG; the server's problem by N fast gradient steps and N steps of OGM-G"
    Rule = parameters
    Conditions =
        fun f p ->
            AEG.conditions f (outer p)
            @ [
                Condition.atMost
                    "24^{1/4}√(2 + L_q/L_p)"
                    (24.0 ** 0.25 * sqrt (2.0 + 2.0 * p.Theta * f.SmoothnessQ))
                    "N + 1"
                    (float (p.Inner + 1))
            ]
    Draw = fun _ _ -> Draw.none
    Init = fun _ _ x0 -> AEG.init x0
    Step = fun f p () s -> step f p s
    Output = fun s -> s.Fast
    // 2N gradients of q inside and one for ∇r, none of them with communication.
    Cost =
        fun _ p () -> [
            Charge.each Counter.Rounds 2.0
            Charge.each Counter.Gradients 2.0
            Charge.each Counter.ComponentGradients (float (2 * p.Inner + 1))
            Charge.each Counter.LocalSteps (float (2 * p.Inner))
        ]
    FixedPoint = fun f _ -> Some(AEG.init f.Minimiser)
    Bounds =
        fun f p -> [
            if f.StrongConvexity > 0.0 then
                Bounds.linear "VI-SLIDE.1: Ψ_k" false (AEG.lyapunov f (outer p)) (AEG.contraction (outer p))
        ]
}
