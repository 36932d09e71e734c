/// The accelerated stochastic extragradient method: AEG with sampled clients and noise on what they send.
///
/// Bylinkin, Degtyarev, Beznosikov, 2024, arXiv 2409.14280.
/// Problem: f = (1/M) Σ f_m μ-strongly convex, a convex f_1 on the server, ‖∇²f_1 − ∇²f‖ ≤ δ,
/// (1/M) Σ ‖∇f_m − ∇f‖² ≤ ζ².
module Theory.Algorithms.VariationalInequalities.ASEG

open Theory
open Theory.Numerics
open Theory.Problems
open Theory.Algorithms

type Parameters = {
    Theta: float
    Tau: float
    Eta: float
    Alpha: float
    /// B, clients asked in a round.
    Clients: int
    /// σ: each client adds noise with E‖ξ‖² = σ² to what it sends.
    Sigma: float
}

/// AEG's parameters with L_p = δ; one client a round, no noise.
let parameters (f: IClientSplit) : Parameters =
    let p = AEG.parameters (f :> ISplit)

    {
        Theta = p.Theta
        Tau = p.Tau
        Eta = p.Eta
        Alpha = p.Alpha
        Clients = 1
        Sigma = 0.0
    }

/// The part that AEG knows.
let outer (p: Parameters) : AEG.Parameters = {
    Theta = p.Theta
    Tau = p.Tau
    Eta = p.Eta
    Alpha = p.Alpha
}

/// What one round draws: B clients, with replacement, and a standard Gaussian: the mean of B independent Gaussian noises is
/// one of them with σ²/B in place of σ².
type Sample = Indices * Block

/// One round's draw.
let sample (f: IClientSplit) (p: Parameters) : Draw<Sample> =
    let d = (f :> IProblem).Dimension

    let noise =
        if p.Sigma > 0.0 then
            Draw.gaussians 1 d
        else
            Draw.always (Block.zeros 1 1 d)

    Draw.both (Draw.indices (f :> IFiniteSum).Count p.Clients) noise

/// (1/B) Σ_{m∈S} (∇f_m(x) + ξ_m).
let estimate (f: IClientSplit) (p: Parameters) (clients: Indices, noise: Block) (x: Block) : Block =
    let scale = p.Sigma / sqrt (float (x.Dimension * p.Clients))
    f.GradientAt clients x + scale * noise

/// AEG on the estimates: s = estimate − ∇f_1 at x_g for ∇p, an independent t at x_f⁺ for ∇f.
let step (f: IClientSplit) (p: Parameters) (first: Sample, second: Sample) (s: AEG.State) : AEG.State =
    AEG.stepWith
        {
            AEG.exact f with
                GradientP = fun x -> estimate f p first x - f.GradientQ x
                Gradient = estimate f p second
        }
        (outer p)
        s

/// 5(ζ²+σ²)/(μB), the floor of E Ψ when μ ≤ δ.
let floor (f: IClientSplit) (p: Parameters) =
    5.0 * (f.GradientSpread + p.Sigma ** 2.0)
    / ((f :> IObjective).StrongConvexity * float p.Clients)

let method: Method<IClientSplit, Parameters, AEG.State, Sample * Sample> = {
    Name = "ASEG"
    Summary = "AEG with ∇f(x_g) and ∇f(x_f⁺) each estimated by B sampled clients that may add noise"
    Rule = parameters
    Conditions =
        fun f p ->
            AEG.conditions f (outer p)
            @ [
                Condition.positive "B" (float p.Clients)
                Condition.atMost "−σ" -p.Sigma "0" 0.0
            ]
    Draw = fun f p -> Draw.both (sample f p) (sample f p)
    Init = fun _ _ x0 -> AEG.init x0
    Step = step
    Output = fun s -> s.Fast
    // Two rounds of B messages each; the server's own gradient at x_g and its problem are local.
    Cost =
        fun _ p _ -> [
            Charge.each Counter.Rounds 2.0
            Charge.each Counter.Messages (float (2 * p.Clients))
            Charge.each Counter.ComponentGradients (float (2 * p.Clients))
            Charge.each Counter.LocalSteps 1.0
            Charge.each Counter.ProxCalls 1.0
        ]
    // The clients' gradients do not vanish at x*.
    FixedPoint = fun _ _ -> None
    Bounds =
        fun f p ->
            let mu = (f :> IObjective).StrongConvexity

            [
                if mu > 0.0 && mu <= f.SmoothnessP && f.GradientSpread < infinity then
                    Bounds.linearToFloor
                        "VI-ASEG.1: E Ψ_k"
                        true
                        (AEG.lyapunov f (outer p))
                        (AEG.contraction (outer p))
                        (floor f p)
            ]
}
