/// ProxSkip with the estimators of the paper: L-SVRG and compressed minibatches at the hubs.
///
/// Problem: M clients with m samples each, x = (x_1, …, x_M), φ̃_j(x) = Σ_i φ_ij(x_i), f = (1/m) Σ_j φ̃_j, and the
/// indicator of x_1 = … = x_M. The paper divides φ̃_j by M, which divides its L and μ by M and multiplies its γ by M.
module Theory.Algorithms.CommunicationEfficient.ProxSkipVREstimators

open Theory
open Theory.Numerics
open Theory.Problems
open Theory.Algorithms
open Theory.Algorithms.CommunicationEfficient.Compressors
open Theory.Algorithms.CommunicationEfficient.CompressorCombinations
open Theory.Algorithms.CommunicationEfficient.ProxSkipVRRecursion

/// min μ_i.
let private mu (f: IClientSamples) = ProxSkip.smallestConvexity f

/// L of f: max L_i.
let private largest (f: IClientSamples) = Array.max f.Smoothnesses

/// What a coin of the server costs: a vector up and one down.
let communication (f: IClientSamples) (theta: Mask) =
    let d = float f.Dimension

    [
        Charge.whenHeads Counter.Rounds 1.0 theta
        Charge.whenHeads Counter.UplinkFloats d theta
        Charge.whenHeads Counter.UplinkBits (identity.Bits f.Dimension) theta
        Charge.whenHeads Counter.DownlinkFloats d theta
    ]

/// Gradients of single samples at one client: τ at x; at y all m when y moves, else τ again.
let private sampleGradients (f: IClientSamples) (tau: int) (coin: Mask) =
    let m, tau = float f.Samples, float tau

    [
        Charge.each Counter.ComponentGradients tau
        {
            Counter = Counter.ComponentGradients
            Amount = Amount.ByLane [| for lane in 0 .. coin.Lanes - 1 -> if coin[0, lane] then m else tau |]
        }
    ]

/// Shared conditions: γ ≤ its largest value, p and q probabilities.
let private conditions gamma limit p q excess = [
    Condition.positive "γ" gamma
    Condition.atMost "γ" gamma "min{1/μ, 1/(A+WÃ)}" limit
    Condition.probability "p" p
    Condition.probability "q" q
    Condition.positive "W(1−B̃)/B − 1" (excess - 1.0)
]

// ---- L-SVRG ----------------------------------------------------------------------------------------------------

type LsvrgParameters = {
    Gamma: float
    /// Probability of a communication.
    P: float
    /// Probability with which the reference moves.
    Q: float
    /// W(1 − B̃)/B > 1.
    Excess: float
}

/// A = 2Lmax, B = 2, Ã = qLmax, B̃ = 1 − q for convex φ_ij.
let lsvrgConstants (f: IClientSamples) (q: float) : Estimator = {
    A = 2.0 * f.SampleSmoothness
    B = 2.0
    C = 0.0
    ATilde = q * f.SampleSmoothness
    BTilde = 1.0 - q
    CTilde = 0.0
}

/// The largest γ of the theorem for given q and W: 1/(6Lmax) at W twice its lower bound.
let lsvrgGamma f q excess =
    largestGamma (mu f) excess (lsvrgConstants f q)

/// q = 1/m, W twice its lower bound, the largest γ (1/(6Lmax)), p = √(γμ).
let lsvrgParameters (f: IClientSamples) : LsvrgParameters =
    let q = 1.0 / float f.Samples
    let gamma = lsvrgGamma f q 2.0

    {
        Gamma = gamma
        P = balancedP (mu f) gamma
        Q = q
        Excess = 2.0
    }

/// g_i = ∇φ_ij(x_i) − ∇φ_ij(y_i) + ∇f_i(y_i) with one j for all clients.
let lsvrgEstimator (f: IClientSamples) (j: Indices) (s: State) =
    f.SampleGradients j s.X - f.SampleGradients j s.Y + s.G

/// One step with any prox.
let lsvrgStep (f: IClientSamples) (p: LsvrgParameters) prox (theta: Mask, (j: Indices, coin: Mask)) (s: State) : State =
    let g = lsvrgEstimator f j s
    skip p.Gamma p.P prox g theta s |> refresh f coin s

/// Ψ of CE-PSVR.1 around a solution with ideal control variates.
let lsvrgLyapunov (f: IClientSamples) (p: LsvrgParameters) (ideal: State) =
    lyapunov f p.Gamma p.P (weight p.Excess (lsvrgConstants f p.Q)) ideal

/// max{1 − γμ, β, 1 − p²}.
let lsvrgContraction (mu: float) (f: IClientSamples) (p: LsvrgParameters) =
    contraction mu p.Excess (lsvrgConstants f p.Q) p.Gamma p.P

/// ProxSkip with L-SVRG in the consensus form.
let lsvrg: Method<IClientSamples, LsvrgParameters, State, Mask * (Indices * Mask)> = {
    Name = "ProxSkip-LSVRG"
    Summary = "ProxSkip with g_i = ∇φ_ij(x_i) − ∇φ_ij(y_i) + ∇f_i(y_i), j shared; y⁺ = x with probability q"
    Rule = lsvrgParameters
    Conditions = fun f p -> conditions p.Gamma (lsvrgGamma f p.Q p.Excess) p.P p.Q p.Excess
    Draw = fun f p -> Draw.both (Draw.coin p.P) (Draw.both (Draw.index f.Samples) (Draw.coin p.Q))
    Init = fun f _ x0 -> init f x0
    Step = fun f p -> lsvrgStep f p ProxSkip.consensus
    Output = fun s -> Block.mean s.X
    Cost = fun f _ (theta, (_, coin)) -> communication f theta @ sampleGradients f 1 coin
    FixedPoint = fun f _ -> Some(fixedPoint f)
    Bounds =
        fun f p -> [
            if f.ConvexSamples && mu f > 0.0 then
                Bounds.linear "CE-PSVR.1: E Ψ_t" true (lsvrgLyapunov f p (fixedPoint f)) (lsvrgContraction (mu f) f p)
        ]
}

// ---- Hubs: minibatches without replacement, compressed differences ----------------------------------------------

[<NoComparison; NoEquality>]
type HubParameters = {
    Gamma: float
    /// Probability of a communication with the server.
    P: float
    /// Probability with which the reference moves.
    Q: float
    /// Samples of a minibatch, drawn by every hub for itself.
    Tau: int
    /// Compresses every difference of gradients on its way to the hub.
    Compressor: Compressor
}

/// L_τ = ((m−τ)/(τ(m−1)))Lmax + (m(τ−1)/(τ(m−1)))L.
let minibatchSmoothness (m: int) (tau: int) (lmax: float) (l: float) =
    if m = 1 then
        l
    else
        let m, tau = float m, float tau

        (m - tau) / (tau * (m - 1.0)) * lmax + m * (tau - 1.0) / (tau * (m - 1.0)) * l

/// A = 4(L_τ + (ω/τ)Lmax), B = 4(1 + ω/τ), Ã = qLmax, B̃ = 1 − q for convex φ_ij.
let hubConstants (f: IClientSamples) (q: float) (tau: int) (compressor: Compressor) : Estimator =
    let ratio = omegaOf compressor f.Dimension / float tau
    let lmax = f.SampleSmoothness

    {
        A = 4.0 * (minibatchSmoothness f.Samples tau lmax (largest f) + ratio * lmax)
        B = 4.0 * (1.0 + ratio)
        C = 0.0
        ATilde = q * lmax
        BTilde = 1.0 - q
        CTilde = 0.0
    }

/// The theorem's W is twice its lower bound, (8/q)(1 + ω/τ), so that β = 1 − q/2.
let hubExcess = 2.0

let private hubEstimate (f: IClientSamples) (p: HubParameters) = hubConstants f p.Q p.Tau p.Compressor

/// The largest γ of the theorem.
let hubGamma (f: IClientSamples) (p: HubParameters) =
    largestGamma (mu f) hubExcess (hubEstimate f p)

/// q = 1/m, the largest γ, p = √(γμ).
let hubParameters (tau: int) (compressor: Compressor) (f: IClientSamples) : HubParameters =
    let tau = min tau f.Samples

    let p = {
        Gamma = 0.0
        P = 1.0
        Q = 1.0 / float f.Samples
        Tau = tau
        Compressor = compressor
    }

    let gamma = hubGamma f p

    {
        p with
            Gamma = gamma
            P = balancedP (mu f) gamma
    }

/// g_i = (1/τ) Σ_{j∈S_i} Q_ij(∇φ_ij(x_i) − ∇φ_ij(y_i)) + ∇f_i(y_i).
let hubEstimator (f: IClientSamples) (p: HubParameters) (batch: Indices, draw: CompressorDraw) (s: State) =
    let differences =
        Array.init p.Tau (fun k ->
            let j = ClientSamples.nth batch k
            f.SampleGradients j s.X - f.SampleGradients j s.Y)

    // Hubs one after another for the first sample, then for the second, and so on: every difference has its own Q_ij.
    let received = p.Compressor.Apply draw (Block.ConcatWorkers differences)

    let total =
        Seq.init p.Tau (fun k -> received.SliceWorkers(k * f.Count, f.Count))
        |> Seq.reduce (fun a b -> a + b)

    total / float p.Tau + s.G

/// The minibatches of all hubs and the compressors of all samples in them.
let hubDraw (f: IClientSamples) (p: HubParameters) =
    Draw.both (Draw.subsets f.Count p.Tau f.Samples) (p.Compressor.Draw (f.Count * p.Tau) f.Dimension)

/// One step; every hub has its own minibatch and compressors, both coins are shared.
let hubStep (f: IClientSamples) (p: HubParameters) (theta: Mask, (sample, coin: Mask)) (s: State) : State =
    let g = hubEstimator f p sample s
    skip p.Gamma p.P ProxSkip.consensus g theta s |> refresh f coin s

/// Ψ of CE-PSVR.2.
let hubLyapunov (f: IClientSamples) (p: HubParameters) =
    lyapunov f p.Gamma p.P (weight hubExcess (hubEstimate f p)) (fixedPoint f)

/// max{1 − γμ, 1 − p², 1 − q/2}.
let hubContraction (f: IClientSamples) (p: HubParameters) =
    contraction (mu f) hubExcess (hubEstimate f p) p.Gamma p.P

/// ProxSkip with compressed minibatches at the hubs.
let hub: Method<IClientSamples, HubParameters, State, Mask * ((Indices * CompressorDraw) * Mask)> = {
    Name = "ProxSkip-HUB"
    Summary = "ProxSkip with g_i = (1/τ)Σ_{j∈S_i} Q_ij(∇φ_ij(x_i) − ∇φ_ij(y_i)) + ∇f_i(y_i); y⁺ = x with probability q"
    Rule = fun f -> hubParameters 2 (randK (tenth f.Dimension)) f
    Conditions =
        fun f p ->
            conditions p.Gamma (hubGamma f p) p.P p.Q hubExcess
            @ [ Condition.atMost "τ" (float p.Tau) "m" (float f.Samples) ]
    Draw = fun f p -> Draw.both (Draw.coin p.P) (Draw.both (hubDraw f p) (Draw.coin p.Q))
    Init = fun f _ x0 -> init f x0
    Step = hubStep
    Output = fun s -> Block.mean s.X
    // The paper prices what goes to the server; messages inside a hub are free.
    Cost = fun f p (theta, (_, coin)) -> communication f theta @ sampleGradients f p.Tau coin
    FixedPoint = fun f _ -> Some(fixedPoint f)
    Bounds =
        fun f p -> [
            if f.ConvexSamples && mu f > 0.0 then
                Bounds.linear "CE-PSVR.2: E Ψ_t" true (hubLyapunov f p) (hubContraction f p)
        ]
}
