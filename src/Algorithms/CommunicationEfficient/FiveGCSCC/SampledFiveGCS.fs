/// 5GCS-AB: 5GCS with clients of unequal smoothness, sampled with unequal probabilities.
///
/// Grudzień, Malinovsky, Richtárik, 2023, arXiv 2306.03240.
module Theory.Algorithms.CommunicationEfficient.SampledFiveGCS

open Theory
open Theory.Numerics
open Theory.Problems
open Theory.Algorithms
open Theory.Algorithms.CommunicationEfficient.Compressors
open Theory.Algorithms.CommunicationEfficient.DualSplitting

type Parameters = {
    Gamma: float
    /// μ, of the splitting.
    Mu: float
    /// τ_m.
    Taus: float[]
    /// p_m.
    P: float[]
    /// L_{F,m}.
    DualSmoothnesses: float[]
}

/// Probabilities of sum C proportional to the weights, capped at 1 and the rest rescaled.
let proportional (expected: float) (weights: float[]) : float[] =
    let rec fill (capped: bool[]) =
        let at, rest =
            Array.zip capped weights
            |> Array.fold (fun (n, w) (c, v) -> if c then n + 1.0, w else n, w + v) (0.0, 0.0)

        let p =
            Array.map2 (fun c v -> if c then 1.0 else (expected - at) * v / rest) capped weights

        let more = Array.map2 (fun c v -> c || v > 1.0) capped p
        if more = capped then p else fill more

    fill (Array.create weights.Length false)

/// τ_m = p_m/(γ(C+1)), C = Σp_m, which CE-5GCSCC.2 allows for every γ (weights t_m = p_m).
let matchedTaus (gamma: float) (p: float[]) : float[] =
    p |> Array.map (fun v -> v / (gamma * (Array.sum p + 1.0)))

/// max{1/(1+2γμ), max_m(1 − p_m·2τ_m/(L_{F,m}+2τ_m))}.
let contraction (p: Parameters) : float =
    let dual =
        Array.zip3 p.P p.Taus p.DualSmoothnesses
        |> Array.map (fun (q, tau, l) -> 1.0 - q * 2.0 * tau / (l + 2.0 * tau))
        |> Array.max

    max (1.0 / (1.0 + 2.0 * p.Gamma * p.Mu)) dual

/// Matched τ_m at the γ of the best factor: one side falls and the other rises with γ, so they meet there.
let best (mu: float) (dualSmoothnesses: float[]) (p: float[]) : Parameters =
    let at gamma = {
        Gamma = gamma
        Mu = mu
        Taus = matchedTaus gamma p
        P = p
        DualSmoothnesses = dualSmoothnesses
    }

    let primal gamma = 1.0 / (1.0 + 2.0 * gamma * mu)

    let rec bisect low high rounds =
        let middle = sqrt (low * high)

        if rounds = 0 then
            at high
        elif primal middle < contraction (at middle) then
            // The dual side leads: γ may be shorter.
            bisect low middle (rounds - 1)
        else
            bisect middle high (rounds - 1)

    bisect (1e-12 / mu) (1e6 / mu) 100

/// Importance sampling: p_m ∝ √L_{F,m}. Clients whose F_m is affine must be asked too: their weight is a hundredth of the
/// largest.
let importance (dualSmoothnesses: float[]) (expected: float) : float[] =
    let roots = dualSmoothnesses |> Array.map sqrt
    let largest = Array.max roots

    if largest = 0.0 then
        Array.create roots.Length (expected / float roots.Length)
    else
        roots |> Array.map (max (0.01 * largest)) |> proportional expected

let parameters (f: IStronglyConvexSum) : Parameters =
    let l = dualSmoothnesses f
    best (convexity f) l (importance l (float (FiveGCSMethods.usualCohort f)))

let step (f: IClientProx) (p: Parameters) (taking: Mask) (s: State) : State =
    let xHat = (serverProx p.Mu p.Gamma s).Materialise()
    let fresh = dualGradients f p.Mu (prox f p.Mu p.Taus xHat s.U)
    let u = Block.choose taking fresh s.U
    let scales = perClient (p.P |> Array.map (fun v -> 1.0 / v)) s.U

    {
        X = xHat - p.Gamma * Block.sum (scales * (u - s.U))
        U = u
    }

/// Σ (1/p_m)(1/τ_m + 2/L_{F,m})‖u_m − u_m*‖² + (1/γ)‖x − x*‖².
let psi (f: IFiniteSum) (p: Parameters) : State -> Block =
    Array.zip3 p.P p.Taus p.DualSmoothnesses
    |> Array.map (fun (q, tau, l) -> (1.0 / tau + 2.0 / l) / q)
    |> lyapunov f p.Mu p.Gamma

/// max γτ_m(T/t_m + 1/p_m − 1), T = Σt_m: at most 1.
let condition (p: Parameters) (weights: float[]) : float =
    let total = Array.sum weights

    Array.zip3 p.Taus weights p.P
    |> Array.map (fun (tau, t, q) -> p.Gamma * tau * (total / t + 1.0 / q - 1.0))
    |> Array.max

let method: Method<IClientProx, Parameters, State, Mask> = {
    Name = "5GCS-AB"
    Summary = "as 5GCS, client m taking part with probability p_m: x⁺ = x̂ − γ Σ (1/p_m)(u_m⁺ − u_m)"
    Rule = fun f -> parameters f
    Conditions =
        fun f p -> [
            Condition.positive "γ" p.Gamma
            Condition.atMost "γτ_m(C/p_m+1/p_m−1)" (condition p p.P) "1" 1.0
            Condition.probability "min p_m" (Array.min p.P)
            Condition.probability "max p_m" (Array.max p.P)
            Condition.atMost "μ" p.Mu "min μ_m" (convexity f)
        ]
    Draw = fun _ p -> independent p.P
    Init = fun f _ x0 -> init f x0
    Step = fun f p taking s -> step f p taking s
    Output = fun s -> s.X
    Cost =
        fun f p taking ->
            let present = participants taking
            let share = present |> Array.map (fun n -> n / float p.P.Length)

            [
                Charge.each Counter.Rounds 1.0
                {
                    Counter = Counter.Messages
                    Amount = Amount.ByLane present
                }
                {
                    Counter = Counter.ProxCalls
                    Amount = Amount.ByLane share
                }
                {
                    Counter = Counter.Gradients
                    Amount = Amount.ByLane share
                }
                Charge.each Counter.UplinkFloats (float f.Dimension)
                Charge.each Counter.UplinkBits (identity.Bits f.Dimension)
                Charge.each Counter.DownlinkFloats (float f.Dimension)
            ]
    FixedPoint = fun f p -> Some(fixedPoint f p.Mu)
    Bounds =
        fun f p -> [
            if Array.min p.DualSmoothnesses > 0.0 then
                Bounds.linear "CE-5GCSCC.2: E Ψ_t" true (psi f p) (contraction p)
        ]
}
