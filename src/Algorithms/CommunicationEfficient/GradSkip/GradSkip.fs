/// GradSkip: ProxSkip whose clients with small condition numbers compute fewer gradients.
///
/// Maranjyan, Safaryan, Richtárik, "GradSkip: Communication-Accelerated Local Gradient Methods with Better Computational
/// Complexity", 2022, arXiv 2210.16402.
/// Problem: f = (1/n) Σ f_i, f_i L_i-smooth and μ-strongly convex, κ_i = L_i/μ.
module Theory.Algorithms.CommunicationEfficient.GradSkip

open Theory
open Theory.Numerics
open Theory.Problems
open Theory.Algorithms
open Theory.Algorithms.CommunicationEfficient.Compressors

type Parameters = {
    Gamma: float
    /// Probability of a communication.
    P: float
    /// Probability q_i with which client i goes on computing gradients.
    Q: float[]
}

/// min_i (1/L_i)·p²/(1 − q_i(1 − p²)).
let largestGamma (smoothnesses: float[]) (p: float) (q: float[]) =
    Array.map2 (fun l q -> p * p / (l * (1.0 - q * (1.0 - p * p)))) smoothnesses q
    |> Array.min

/// p = 1/√κmax and q_i = (1 − 1/κ_i)/(1 − 1/κmax), for which γ = 1/Lmax; p = 1/10 and q_i = 1 where no μ is certified.
let parameters (f: IFiniteSum) : Parameters =
    let mu = ProxSkip.smallestConvexity f
    let conditions = f.Smoothnesses |> Array.map (fun l -> l / mu)
    let worst = Array.max conditions

    let p, q =
        if mu <= 0.0 then
            0.1, conditions |> Array.map (fun _ -> 1.0)
        elif worst <= 1.0 then
            1.0, conditions |> Array.map (fun _ -> 1.0)
        else
            1.0 / sqrt worst, conditions |> Array.map (fun k -> (1.0 - 1.0 / k) / (1.0 - 1.0 / worst))

    {
        Gamma = largestGamma f.Smoothnesses p q
        P = p
        Q = q
    }

/// The state is ProxSkip's: x_i and h_i.
type State = ProxSkip.State

let private asProxSkip (p: Parameters) : ProxSkip.Parameters = { Gamma = p.Gamma; P = p.P }

/// θ: all communicate; η_i = 0: client i takes its gradient for its control variate and stands still.
let step (f: IFiniteSum) (p: Parameters) (theta: Mask, eta: Mask) (s: State) : State =
    let g = f.Gradients s.X

    ProxSkip.proxSkip (asProxSkip p) (fun _ -> g) ProxSkip.consensus theta { X = s.X; H = Block.choose eta s.H g }

/// Ψ = Σ‖x_i − x*‖² + (γ²/p²) Σ‖h_i − ∇f_i(x*)‖².
let lyapunov (f: IFiniteSum) (p: Parameters) = ProxSkip.lyapunov f (asProxSkip p)

/// ρ = min{γμ, 1 − q_max(1 − p²)}.
let rate (f: IFiniteSum) (p: Parameters) =
    min (p.Gamma * ProxSkip.smallestConvexity f) (1.0 - Array.max p.Q * (1.0 - p.P * p.P))

/// The theorem's conditions.
let conditions (f: IFiniteSum) (p: Parameters) = [
    Condition.positive "γ" p.Gamma
    Condition.atMost "γ" p.Gamma "min (1/L_i)p²/(1−q_i(1−p²))" (largestGamma f.Smoothnesses p.P p.Q)
    Condition.probability "p" p.P
    Condition.atMost "max q_i" (Array.max p.Q) "1" 1.0
    Condition.atMost "−min q_i" -(Array.min p.Q) "0" 0.0
]

/// What a communication is charged.
let communication (f: IFiniteSum) (theta: Mask) =
    let d = float f.Dimension

    [
        Charge.whenHeads Counter.Rounds 1.0 theta
        Charge.whenHeads Counter.UplinkFloats d theta
        Charge.whenHeads Counter.UplinkBits (identity.Bits f.Dimension) theta
        Charge.whenHeads Counter.DownlinkFloats d theta
    ]

/// GradSkip, one step an iteration.
let method: Method<IFiniteSum, Parameters, State, Mask * Mask> = {
    Name = "GradSkip"
    Summary =
        "ProxSkip with ĥ_i = h_i with probability q_i, else ∇f_i(x_i), after which client i rests until the next communication"
    Rule = parameters
    Conditions = conditions
    Draw = fun _ p -> Draw.both (Draw.coin p.P) (UnequalCoins.draw p.Q)
    Init = fun f _ x0 -> ProxSkip.init f x0
    Step = step
    Output = ProxSkip.method.Output
    // A client that rests repeats a gradient that it has: what it needs is a matter of the whole round, charged by
    // "GradSkip by rounds".
    Cost = fun f _ (theta, _) -> Charge.each Counter.Gradients 1.0 :: communication f theta
    FixedPoint = fun f _ -> Some(ProxSkip.fixedPoint f)
    Bounds =
        fun f p -> [
            if ProxSkip.smallestConvexity f > 0.0 then
                Bounds.linear "CE-GRADSKIP.1: E Ψ_t" true (lyapunov f p) (1.0 - rate f p)
        ]
}
