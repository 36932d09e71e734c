/// SProxSkip: ProxSkip with the gradient of one sample a client, without variance reduction.
module Theory.Algorithms.CommunicationEfficient.ProxSkipVRSampling

open Theory
open Theory.Numerics
open Theory.Problems
open Theory.Algorithms
open Theory.Algorithms.CommunicationEfficient.ProxSkipVRRecursion
open Theory.Algorithms.CommunicationEfficient.ProxSkipVREstimators

/// min μ_i.
let private mu (f: IClientSamples) = ProxSkip.smallestConvexity f

type SgdParameters = {
    Gamma: float
    /// Probability of a communication.
    P: float
    /// s > 0 in A = (1+s)A″, C = (1+1/s)·Var.
    Split: float
}

/// Var = (1/m) Σ_j ‖∇φ̃_j(x*) − ∇f(x*)‖².
let sampleVariance (f: IClientSamples) =
    let mean = f.Gradients f.Minimiser

    Array.init f.Samples (fun j ->
        let own = f.SampleGradients (Indices.Constant(f.Samples, [| j |])) f.Minimiser
        (Block.lanes (Block.totalNormSquared (own - mean)))[0])
    |> Array.average

/// A = (1+s)A″, C = (1+1/s)·Var for every s > 0.
let sgdConstants (f: IClientSamples) (split: float) : Estimator = {
    exact ((1.0 + split) * f.ExpectedSmoothness) with
        C = (1.0 + 1.0 / split) * sampleVariance f
}

/// The largest γ for given s.
let sgdGamma (f: IClientSamples) (split: float) =
    largestGamma (mu f) 1.0 (sgdConstants f split)

/// s = 1, the largest γ, p = √(γμ).
let sgdParameters (f: IClientSamples) : SgdParameters =
    let gamma = sgdGamma f 1.0

    {
        Gamma = gamma
        P = balancedP (mu f) gamma
        Split = 1.0
    }

/// g_i = ∇φ_ij(x_i), one j for all clients.
let sgdStep (f: IClientSamples) (p: SgdParameters) (theta: Mask, j: Indices) (s: ProxSkip.State) : ProxSkip.State =
    ProxSkip.proxSkip { Gamma = p.Gamma; P = p.P } (f.SampleGradients j) ProxSkip.consensus theta s

/// Ψ = ‖x − x*‖² + (γ²/p²)‖h − h*‖².
let sgdLyapunov (f: IClientSamples) (p: SgdParameters) =
    ProxSkip.lyapunov f { Gamma = p.Gamma; P = p.P }

/// SProxSkip in the consensus form.
let sgd: Method<IClientSamples, SgdParameters, ProxSkip.State, Mask * Indices> = {
    Name = "SProxSkip"
    Summary = "ProxSkip with g_i = ∇φ_ij(x_i), j shared by the clients"
    Rule = sgdParameters
    Conditions =
        fun f p -> [
            Condition.positive "γ" p.Gamma
            Condition.positive "s" p.Split
            Condition.atMost "γ" p.Gamma "min{1/μ, 1/((1+s)A″)}" (sgdGamma f p.Split)
            Condition.probability "p" p.P
        ]
    Draw = fun f p -> Draw.both (Draw.coin p.P) (Draw.index f.Samples)
    Init = fun f _ x0 -> ProxSkip.init f x0
    Step = sgdStep
    Output = fun s -> Block.mean s.X
    Cost = fun f _ (theta, _) -> Charge.each Counter.ComponentGradients 1.0 :: communication f theta
    FixedPoint = fun f _ -> if f.Samples = 1 then Some(ProxSkip.fixedPoint f) else None
    Bounds =
        fun f p -> [
            if mu f > 0.0 then
                let e = sgdConstants f p.Split

                Bounds.linearToFloor
                    "CE-PSVR.3S: E Ψ_t"
                    true
                    (sgdLyapunov f p)
                    (contraction (mu f) 1.0 e p.Gamma p.P)
                    (floor (mu f) 1.0 e p.Gamma p.P)
        ]
}
