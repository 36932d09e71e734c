/// ADOM: accelerated decentralised optimisation on networks that change with time, by a dual oracle and error feedback.
///
/// Kovalev, Shulgin, Richtárik, Rogozin, Gasnikov, ICML 2021, arXiv 2102.09234.
/// Problem: min Σ f_m(x), f_m L-smooth and μ-strongly convex at node m, with ∇f_m*; F*(z) = Σ f_m*(z_m). Gossip matrices W_k
/// symmetric, W_k ⪰ 0, kernel spanned by 1, positive eigenvalues in [λmin⁺, λmax]. The dual solution z* has Σ z_m* = 0 and
/// ∇F*(z*) = (x*, …, x*).
module Theory.Algorithms.CommunicationEfficient.ADOM

open Theory
open Theory.Numerics
open Theory.Problems
open Theory.Algorithms

type Parameters = {
    Alpha: float
    Eta: float
    Theta: float
    Sigma: float
    Tau: float
}

/// α = 1/(2L), η = 2λmin⁺√(μL)/(7λmax), θ = μ/λmax, σ = 1/λmax, τ = (λmin⁺/(7λmax))√(μ/L), for given λmin⁺ and λmax.
let parametersFor (f: INetworkedDual) (smallest: float) (largest: float) : Parameters =
    let l, mu = f.NodeSmoothness, f.NodeStrongConvexity

    {
        Alpha = 1.0 / (2.0 * l)
        Eta = 2.0 * smallest * sqrt (mu * l) / (7.0 * largest)
        Theta = mu / largest
        Sigma = 1.0 / largest
        Tau = smallest / (7.0 * largest) * sqrt (mu / l)
    }

let parameters (f: INetworkedDual) : Parameters =
    parametersFor f f.SmallestPositive f.LargestEigenvalue

type State = {
    /// The dual iterates z_m, of sum 0.
    Z: Block
    /// The points z_f after the gradient steps, of sum 0.
    Zf: Block
    /// What gossip has not yet transmitted; its mean over nodes drifts and meets nothing.
    M: Block
    /// ∇F*(z_g): each node's own estimate of x*.
    X: Block
}

/// z = z_f = ∇f_m(x⁰) less the mean over nodes, m = 0.
let init (f: INetworkedDual) (x0: Block) : State =
    let own = f.Gradients x0
    let z = own - Block.mean own

    {
        Z = z
        Zf = z
        M = 0.0 * z
        X = f.DualGradients z
    }

/// One step; `multiply` is W_k. Both products travel in one exchange.
let stepWith (multiply: Block -> Block) (f: INetworkedDual) (p: Parameters) (s: State) : State =
    let zg = p.Tau * s.Z + (1.0 - p.Tau) * s.Zf
    let gradient = (f.DualGradients zg).Materialise()
    let pending = s.M - p.Eta * gradient
    let delta = p.Sigma * multiply pending

    {
        Z = s.Z + (p.Eta * p.Alpha) * (zg - s.Z) + delta
        Zf = zg - p.Theta * multiply gradient
        M = pending - delta
        X = gradient
    }

/// x less its mean over nodes.
let centred (x: Block) : Block = x - Block.mean x

/// Ψ = ‖z + Pm − z*‖² + (2η(1−ηα)/τ)(F*(z_f) − F*(z*)) + 6‖Pm‖², P the projection on sums 0.
let lyapunov (f: INetworkedDual) (p: Parameters) (s: State) : Block =
    let pm = centred s.M

    Block.totalNormSquared (s.Z + pm - f.DualSolution)
    + (2.0 * p.Eta * (1.0 - p.Eta * p.Alpha) / p.Tau) * f.DualGap s.Zf
    + 6.0 * Block.totalNormSquared pm

/// The factor of a step: 1 − τ.
let rate (p: Parameters) = 1.0 - p.Tau

/// C with Σ_m ‖x_m⁺ − x*‖² ≤ CΨ: the ∇f_m* are 1/μ-Lipschitz, ‖z − z*‖² ≤ (7/6)(‖z + Pm − z*‖² + 6‖Pm‖²) and
/// ‖z_f − z*‖² ≤ 2L(F*(z_f) − F*(z*)).
let accuracy (f: INetworkedDual) (p: Parameters) =
    let l, mu = f.NodeSmoothness, f.NodeStrongConvexity
    max (7.0 / 6.0) (l * p.Tau / (p.Eta * (1.0 - p.Eta * p.Alpha))) / (mu * mu)

/// Σ_m ‖x_m − x*‖².
let error (f: INetworkedDual) (s: State) : Block =
    Block.totalNormSquared (s.X - f.Minimiser)

/// z = z_f = z*, m = 0, x_m = x*.
let solved (f: INetworkedDual) : State = {
    Z = f.DualSolution
    Zf = f.DualSolution
    M = 0.0 * f.DualSolution
    X = Block.repeatWorkers f.Count f.Minimiser
}

let method: Method<INetworkedDual, Parameters, State, Indices> = {
    Name = "ADOM"
    Summary =
        "z_g = τz+(1−τ)z_f; Δ = σW(m − η∇F*(z_g)); m⁺ = m − η∇F*(z_g) − Δ; z⁺ = z + ηα(z_g−z) + Δ; z_f⁺ = z_g − θW∇F*(z_g)"
    Rule = parameters
    Conditions =
        fun f p ->
            let rule = parameters f

            [
                Condition.positive "α" p.Alpha
                Condition.atMost "α" p.Alpha "1/(2L)" rule.Alpha
                Condition.positive "η" p.Eta
                Condition.atMost "η" p.Eta "2λmin⁺√(μL)/(7λmax)" rule.Eta
                Condition.positive "θ" p.Theta
                Condition.atMost "θ" p.Theta "μ/λmax" rule.Theta
                Condition.positive "σ" p.Sigma
                Condition.atMost "σ" p.Sigma "1/λmax" rule.Sigma
                Condition.positive "τ" p.Tau
                Condition.atMost "τ" p.Tau "(λmin⁺/(7λmax))√(μ/L)" rule.Tau
            ]
    Draw = fun f _ -> f.Changing.Draw
    Init = fun f _ x0 -> init f x0
    Step = fun f p k s -> stepWith (f.Changing.Multiply k) f p s
    Output = fun s -> Block.mean s.X
    // A gradient of a conjugate is as much as a proximal step of the function; two vectors travel in one exchange.
    Cost =
        fun f _ _ ->
            let rounds = float f.Changing.Rounds

            [
                Charge.each Counter.ProxCalls 1.0
                Charge.each Counter.GossipSteps rounds
                Charge.each Counter.UplinkFloats (2.0 * rounds * float f.Dimension)
            ]
    // At the solution the mean of m still drifts, by −ηx* a step.
    FixedPoint = fun _ _ -> None
    Bounds =
        fun f p ->
            if p = parameters f then
                [
                    Bounds.linear "CE-ADOM.1: Ψ_k" false (lyapunov f p) (rate p)
                    {
                        Name = "CE-ADOM.1: Σ_m ‖x_m − x*‖²"
                        Measure = error f
                        Summary = Summary.Last
                        Scale = lyapunov f p
                        // The x of a state belong to the step before.
                        Bound = fun k start -> accuracy f p * rate p ** float (max (k - 1) 0) * start
                        InExpectation = false
                    }
                ]
            else
                []
}
