/// ProxSkip with any gradient estimator: the step, the constants of an estimator, and the rate that follows from them.
///
/// Malinovsky, Yi, Richtárik, "Variance Reduced ProxSkip: Algorithm, Theory and Application to Federated Learning",
/// NeurIPS 2022, arXiv 2207.04338.
module Theory.Algorithms.CommunicationEfficient.ProxSkipVRRecursion

open Theory
open Theory.Numerics
open Theory.Problems
open Theory.Algorithms

/// An estimator g = g(x, y, ξ) of ∇f(x) with controls y and σ(y) ≥ 0:
/// E‖g − ∇f(x*)‖² ≤ 2A·D_f(x, x*) + B·σ(y) + C and E σ(y⁺) ≤ 2Ã·D_f(x, x*) + B̃·σ(y) + C̃, B̃ < 1.
type Estimator = {
    A: float
    B: float
    C: float
    ATilde: float
    BTilde: float
    CTilde: float
}

/// No variance: g = ∇f(x), A = L.
let exact (smoothness: float) : Estimator = {
    A = smoothness
    B = 0.0
    C = 0.0
    ATilde = 0.0
    BTilde = 0.0
    CTilde = 0.0
}

/// W = excess·B/(1 − B̃), which must exceed B/(1 − B̃); 0 when B = 0.
let weight (excess: float) (e: Estimator) = excess * e.B / (1.0 - e.BTilde)

/// β = (B + W·B̃)/W, or B̃ when B = 0.
let controlFactor (excess: float) (e: Estimator) =
    if e.B = 0.0 then
        e.BTilde
    else
        let w = weight excess e
        (e.B + w * e.BTilde) / w

/// min{1/μ, 1/(A + W·Ã)}; 1/(A + W·Ã) where no μ is certified.
let largestGamma (mu: float) (excess: float) (e: Estimator) =
    let gamma = 1.0 / (e.A + weight excess e * e.ATilde)
    if mu > 0.0 then min (1.0 / mu) gamma else gamma

/// max{1 − γμ, β, 1 − p²}.
let contraction (mu: float) (excess: float) (e: Estimator) (gamma: float) (p: float) =
    max (max (1.0 - gamma * mu) (controlFactor excess e)) (1.0 - p * p)

/// What a step adds: γ²(C + W·C̃).
let noise (excess: float) (e: Estimator) (gamma: float) =
    gamma * gamma * (e.C + weight excess e * e.CTilde)

/// The bound's floor: the noise over min{γμ, p², 1 − β}.
let floor mu excess e gamma p =
    let noise = noise excess e gamma

    if noise = 0.0 then
        0.0
    else
        noise / (1.0 - contraction mu excess e gamma p)

/// √(γμ), at which 1 − γμ = 1 − p²; 1/10 where no μ is certified.
let balancedP (mu: float) (gamma: float) =
    if mu > 0.0 then min 1.0 (sqrt (gamma * mu)) else 0.1

type State = {
    /// The clients' iterates x_1 … x_M.
    X: Block
    /// The control variates h_1 … h_M of the skipped prox.
    H: Block
    /// The reference points y_1 … y_M of the estimator.
    Y: Block
    /// ∇f_i(y_i), kept so that it is computed only when y moves.
    G: Block
}

/// x_i = y_i = x⁰, h_i = 0.
let init (f: IClientSamples) (x0: Block) : State =
    let x = Block.repeatWorkers f.Count x0

    {
        X = x
        H = 0.0 * x
        Y = x
        G = f.Gradients x
    }

/// x⁺ and h⁺ of ProxSkip with g for the gradient.
let skip (gamma: float) (p: float) (prox: float -> Block -> Block) (g: Block) (theta: Mask) (s: State) : State =
    let next =
        ProxSkip.proxSkip { Gamma = gamma; P = p } (fun _ -> g) prox theta { X = s.X; H = s.H }

    { s with X = next.X; H = next.H }

/// The reference moves to the old x where the coin shows heads.
let refresh (f: IClientSamples) (coin: Mask) (old: State) (next: State) : State = {
    next with
        Y = Block.choose coin old.X old.Y
        G = Branch.choose coin (fun () -> f.Gradients old.X) (fun () -> old.G)
}

/// Everything at x, h = ∇f(x): what no outcome moves when x is the solution.
let stationary (f: IClientSamples) (x: Block) : State =
    let at = Block.repeatWorkers f.Count x
    let g = f.Gradients at
    { X = at; H = g; Y = at; G = g }

/// x_i = x*, h_i = ∇f_i(x*).
let fixedPoint (f: IClientSamples) : State = stationary f f.Minimiser

/// The states whose kept gradients are those of y.
let consistent (f: IClientSamples) (s: State) = s.G - f.Gradients s.Y

/// σ(y) = (1/m) Σ_j Σ_i ‖∇φ_ij(y_i) − ∇φ_ij(x*)‖².
let spread (f: IClientSamples) (solution: Block) (y: Block) : Block =
    let one j =
        let index = Indices.Constant(f.Samples, [| j |])
        Block.totalNormSquared (f.SampleGradients index y - f.SampleGradients index solution)

    (Seq.init f.Samples one |> Seq.reduce (fun a b -> a + b)) / float f.Samples

/// Ψ = ‖x − x*‖² + (γ²/p²)‖h − h*‖² + γ²W·σ(y), sums over the clients.
let lyapunov (f: IClientSamples) gamma p (weight: float) (ideal: State) (s: State) : Block =
    let skipped =
        ProxSkip.lyapunovAround { Gamma = gamma; P = p } { X = ideal.X; H = ideal.H } { X = s.X; H = s.H }

    if weight = 0.0 then
        skipped
    else
        skipped + (gamma * gamma * weight) * spread f ideal.X s.Y

/// D_f(x, x*) of a quadratic f: ½ Σ ⟨x_i − x*, ∇f_i(x_i) − ∇f_i(x*)⟩.
let bregman (f: IClientSamples) (s: State) : Block =
    let e = s.X - f.Minimiser
    0.5 * Block.sum (Block.dot e (f.Gradients s.X - f.Gradients f.Minimiser))
