/// ProxSkip and its federated form Scaffnew: local steps with corrected drift.
///
/// Mishchenko, Malinovsky, Stich, Richtárik, "ProxSkip: Yes! Local Gradient Steps Provably Lead to Communication
/// Acceleration! Finally!", ICML 2022, arXiv 2202.09357; the factor ζ: Condat, Richtárik, 2022, arXiv 2207.12891.
/// Problem: min f(x) + ψ(x), f L-smooth and μ-strongly convex, ψ proximable. Scaffnew: x = (x_1, …, x_n),
/// f(x) = Σ f_i(x_i), ψ the indicator of x_1 = … = x_n; then L = max L_i, μ = min μ_i.
module Theory.Algorithms.CommunicationEfficient.ProxSkip

open FsCheck.FSharp
open Theory
open Theory.Numerics
open Theory.Problems
open Theory.Algorithms
open Theory.Algorithms.CommunicationEfficient.Compressors

type Parameters = {
    Gamma: float
    /// Probability of a prox step, which is a communication.
    P: float
}

let private largest (f: IFiniteSum) = Array.max f.Smoothnesses

/// min μ_i where the problem certifies the μ_i, else 0.
let smallestConvexity (f: IFiniteSum) =
    match box f with
    | :? IStronglyConvexSum as q -> Array.min q.StrongConvexities
    | _ -> 0.0

/// γ = 1/L and p = √(γμ); where no μ_i are certified p is √(γμ) with the μ of the mean (every p is allowed), or 1/10.
let parameters (f: IFiniteSum) : Parameters =
    let gamma = 1.0 / largest f
    let own = smallestConvexity f
    let mu = if own > 0.0 then own else f.StrongConvexity

    {
        Gamma = gamma
        P = if mu > 0.0 then min 1.0 (sqrt (gamma * mu)) else 0.1
    }

type State = {
    /// The workers' iterates x_1 … x_n.
    X: Block
    /// The control variates h_1 … h_n; their sum stays zero.
    H: Block
}

let init (f: IFiniteSum) (x0: Block) : State = {
    X = Block.repeatWorkers f.Count x0
    H = Block.zeros f.Count x0.Lanes f.Dimension
}

/// One step of PROXSKIP for any gradient and prox: θ decides whether the prox is evaluated.
let proxSkip
    (p: Parameters)
    (gradient: Block -> Block)
    (prox: float -> Block -> Block)
    (theta: Mask)
    (s: State)
    : State =
    let moved = s.X - p.Gamma * (gradient s.X - s.H)

    let x =
        Block.choose theta (prox (p.Gamma / p.P) (moved - (p.Gamma / p.P) * s.H)) moved

    {
        X = x
        H = s.H + (p.P / p.Gamma) * (x - moved)
    }

/// The prox of the indicator of x_1 = … = x_n: everyone gets the mean.
let consensus (_: float) (x: Block) =
    Block.repeatWorkers x.Workers (Block.mean x)

/// Scaffnew.
let step (f: IFiniteSum) (p: Parameters) (theta: Mask) (s: State) : State =
    proxSkip p f.Gradients consensus theta s

/// x_i = x*, h_i = ∇f_i(x*).
let fixedPoint (f: IFiniteSum) : State = {
    X = Block.repeatWorkers f.Count f.Minimiser
    H = f.Gradients f.Minimiser
}

/// Ψ = ‖x−x*‖² + (γ²/p²)‖h−h*‖², sums over the workers.
let lyapunovAround (p: Parameters) (ideal: State) (s: State) =
    Block.totalNormSquared (s.X - ideal.X)
    + (p.Gamma / p.P) ** 2.0 * Block.totalNormSquared (s.H - ideal.H)

let lyapunov (f: IFiniteSum) (p: Parameters) = lyapunovAround p (fixedPoint f)

/// ζ = max{(1−γμ)², (1−γL)², 1−p²}.
let zeta (mu: float) (l: float) (p: Parameters) =
    max (max ((1.0 - p.Gamma * mu) ** 2.0) ((1.0 - p.Gamma * l) ** 2.0)) (1.0 - p.P * p.P)

let contraction (f: IFiniteSum) (p: Parameters) =
    zeta (smallestConvexity f) (largest f) p

let method: Method<IFiniteSum, Parameters, State, Mask> = {
    Name = "ProxSkip"
    Summary =
        "x̂_i = x_i − γ(∇f_i(x_i) − h_i); with probability p all average x̂_i − (γ/p)h_i; h_i⁺ = h_i + (p/γ)(x_i⁺ − x̂_i)"
    Rule = parameters
    Conditions =
        fun f p -> [
            Condition.positive "γ" p.Gamma
            Condition.atMost "γ" p.Gamma "2/L" (2.0 / largest f)
            Condition.probability "p" p.P
        ]
    Draw = fun _ p -> Draw.coin p.P
    Init = fun f _ x0 -> init f x0
    Step = step
    Output = fun s -> Block.mean s.X
    Cost =
        fun f _ theta ->
            let d = float f.Dimension

            [
                Charge.each Counter.Gradients 1.0
                Charge.whenHeads Counter.Rounds 1.0 theta
                Charge.whenHeads Counter.UplinkFloats d theta
                Charge.whenHeads Counter.UplinkBits (identity.Bits f.Dimension) theta
                Charge.whenHeads Counter.DownlinkFloats d theta
            ]
    FixedPoint = fun f _ -> Some(fixedPoint f)
    Bounds = fun f p -> [ Bounds.linear "CE-SCAF.2: E Ψ_t" true (lyapunov f p) (contraction f p) ]
}
