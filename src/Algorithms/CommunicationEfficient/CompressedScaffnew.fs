/// CompressedScaffnew: local steps and compressed communication, both accelerating.
///
/// Condat, Agarský, Richtárik, "Provably Doubly Accelerated Federated Learning: The First Theoretically Successful
/// Combination of Local Training and Communication Compression", 2022, arXiv 2210.13277.
/// Problem: f = (1/n) Σ f_i, every f_i L-smooth and μ-strongly convex.
module Theory.Algorithms.CommunicationEfficient.CompressedScaffnew

open Theory
open Theory.Numerics
open Theory.Problems
open Theory.Algorithms

type Parameters = {
    Gamma: float
    /// Probability of a communication.
    P: float
    /// Factor χ of the control variates' step pχ/γ.
    Chi: float
    /// s, how many clients send one coordinate.
    S: int
}

/// L = max L_i.
let smoothness (f: IFiniteSum) = Array.max f.Smoothnesses

/// (s−1)/(n−1): what one communication takes of the variates' error at χ = 1. A single client sends everything.
let share (n: int) (s: int) =
    if n = 1 then 1.0 else float (s - 1) / float (n - 1)

/// The largest χ: n(s−1)/(s(n−1)), between 1/2 and 1.
let largestChi (n: int) (s: int) = float n / float s * share n s

/// max{(1−γμ)², (1−γL)²}.
let localFactor (mu: float) (l: float) (gamma: float) =
    max ((1.0 - gamma * mu) ** 2.0) ((1.0 - gamma * l) ** 2.0)

/// The p at which both terms of τ agree, for s senders a coordinate and the largest χ.
let balancedP (n: int) (s: int) (local: float) =
    min 1.0 (sqrt ((1.0 - local) / (largestChi n s * share n s)))

/// γ = 2/(L+μ), χ at its largest, p balanced, for s senders a coordinate. Without strong convexity p is 1/10.
let parametersFor (s: int) (f: IFiniteSum) : Parameters =
    let l, n = smoothness f, f.Count
    let own = ProxSkip.smallestConvexity f
    let mu = if own > 0.0 then own else min l f.StrongConvexity
    let gamma = 2.0 / (l + mu)

    {
        Gamma = if mu > 0.0 then gamma else 1.0 / l
        P =
            if mu > 0.0 then
                balancedP n s (localFactor mu l gamma)
            else
                0.1
        Chi = largestChi n s
        S = s
    }

/// s = max{2, ⌊n/d⌋}: at most two floats a client where d ≥ n/2.
let parameters (f: IFiniteSum) : Parameters =
    parametersFor (min f.Count (max 2 (f.Count / f.Dimension))) f

type State = {
    /// The clients' iterates x_1 … x_n.
    X: Block
    /// The control variates h_1 … h_n; their sum stays zero.
    H: Block
}

let init (f: IFiniteSum) (x0: Block) : State = {
    X = Block.repeatWorkers f.Count x0
    H = Block.zeros f.Count x0.Lanes f.Dimension
}

/// One iteration: the coin θ, and the masks q_1 … q_n that a communication uses.
let step (f: IFiniteSum) (p: Parameters) (theta: Mask, q: Block) (s: State) : State =
    let moved = s.X - p.Gamma * f.Gradients s.X + p.Gamma * s.H
    let mean = (1.0 / float p.S) * Block.sum (q * moved)
    let corrected = s.H + (p.P * p.Chi / p.Gamma) * (q * (mean - moved))

    {
        X = Block.choose theta (Block.repeatWorkers f.Count mean) moved
        H = Block.choose theta corrected s.H
    }

/// x_i = x*, h_i = ∇f_i(x*).
let fixedPoint (f: IFiniteSum) : State = {
    X = Block.repeatWorkers f.Count f.Minimiser
    H = f.Gradients f.Minimiser
}

/// The weight of Σ‖h_i−h_i*‖² in Ψ: (γ/(p²χ))·(n−1)/(s−1).
let weight (n: int) (p: Parameters) =
    p.Gamma / (p.P * p.P * p.Chi * share n p.S)

/// Ψ = (1/γ) Σ‖x_i−x*‖² + (γ/(p²χ))((n−1)/(s−1)) Σ‖h_i−h_i*‖².
let lyapunov (f: IFiniteSum) (p: Parameters) =
    let ideal = fixedPoint f

    fun (s: State) ->
        (1.0 / p.Gamma) * Block.totalNormSquared (s.X - ideal.X)
        + weight f.Count p * Block.totalNormSquared (s.H - ideal.H)

/// 1 − p²χ(s−1)/(n−1): what a step leaves of the variates' error.
let variateFactor (n: int) (p: Parameters) = 1.0 - p.P * p.P * p.Chi * share n p.S

/// τ = max{(1−γμ)², (1−γL)², 1−p²χ(s−1)/(n−1)}.
let contraction (f: IFiniteSum) (p: Parameters) =
    max (localFactor (ProxSkip.smallestConvexity f) (smoothness f) p.Gamma) (variateFactor f.Count p)

/// The theorem's conditions; `cohort` is the number of clients that a communication reaches.
let conditions (cohort: int) (f: IFiniteSum) (p: Parameters) = [
    Condition.positive "γ" p.Gamma
    Condition.atMost "γ" p.Gamma "2/L" (2.0 / smoothness f)
    Condition.probability "p" p.P
    Condition.atMost "2" (float (min 2 f.Count)) "s" (float p.S)
    Condition.atMost "s" (float p.S) "clients of a communication" (float cohort)
    Condition.positive "χ" p.Chi
    Condition.atMost "χ" p.Chi "n(s−1)/(s(n−1))" (largestChi f.Count p.S)
]

/// Do the conditions hold, and is every f_i strongly convex?
let covered (cohort: int) (f: IFiniteSum) (p: Parameters) =
    ProxSkip.smallestConvexity f > 0.0
    && conditions cohort f p |> List.forall (fun c -> c.Holds)

let method: Method<IFiniteSum, Parameters, State, Mask * Block> = {
    Name = "CompressedScaffnew"
    Summary =
        "x̂_i = x_i − γ∇f_i(x_i) + γh_i; with probability p all get x̄ = (1/s) Σ q_j⊙x̂_j, and h_i⁺ = h_i + (pχ/γ) q_i⊙(x̄ − x̂_i)"
    Rule = parameters
    Conditions = fun f p -> conditions f.Count f p
    Draw = fun f p -> Draw.both (Draw.coin p.P) (ColumnMasks.masks f.Count p.S f.Dimension)
    Init = fun f _ x0 -> init f x0
    Step = step
    Output = fun s -> Block.mean s.X
    Cost =
        fun f p (theta, _) ->
            let d = float f.Dimension
            let sent = ColumnMasks.meanFloats f.Count p.S f.Dimension

            [
                Charge.each Counter.Gradients 1.0
                Charge.each Counter.LocalSteps 1.0
                Charge.whenHeads Counter.Rounds 1.0 theta
                Charge.whenHeads Counter.UplinkFloats sent theta
                Charge.whenHeads Counter.UplinkBits (32.0 * sent) theta
                Charge.whenHeads Counter.DownlinkFloats d theta
                Charge.whenHeads Counter.DownlinkBits (32.0 * d) theta
            ]
    FixedPoint = fun f _ -> Some(fixedPoint f)
    Bounds =
        fun f p -> [
            if covered f.Count f p then
                Bounds.linear "CE-CSCAF.1: E Ψ_t" true (lyapunov f p) (contraction f p)
        ]
}
