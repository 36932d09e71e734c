/// FedCRR and FedCSO: local passes in random order, compressed local models averaged.
///
/// Malinovsky, Richtárik, "Federated Random Reshuffling with Compression and Variance Reduction", 2022, arXiv 2205.03914.
/// Problem: M clients with n functions each, every f_m^i μ-strongly convex and L-smooth; F_m = Σ_i f_m^i; C ∈ U(ω).
module Theory.Algorithms.CommunicationEfficient.FEDCRR

open Theory
open Theory.Numerics
open Theory.Problems
open Theory.Algorithms
open Theory.Algorithms.CommunicationEfficient.Compressors
open Theory.Algorithms.CommunicationEfficient.CompressorCombinations

[<NoComparison; NoEquality>]
type Parameters = { Gamma: float; Compressor: Compressor }

/// ρ = (1 − γμ)^n, what a local pass contracts squared distances by.
let rho (f: IClientSum) gamma = QRR.contraction f gamma

/// The largest ω that the theorem allows: M(1−√ρ)/(2√ρ).
let largestOmega (f: IClientSum) gamma =
    let root = sqrt (rho f gamma)
    float f.Count * (1.0 - root) / (2.0 * root)

/// γ = 1/L, halved where a pass would lose all; Bernoulli messages of the largest ω.
let parameters (f: IClientSum) : Parameters =
    let l = QRR.largest f
    let gamma = if QRR.convexity f < l then 1.0 / l else 0.5 / l

    {
        Gamma = gamma
        Compressor = bernoulli (1.0 / (1.0 + largestOmega f gamma))
    }

type State = {
    /// The server's model.
    X: Block
}

/// What an epoch draws: the clients' orders and the compressors' outcomes.
type Outcome = Indices * CompressorDraw

/// x⁺ = (1/M) Σ C(T_m(x; π_m)).
let step (f: IClientSum) (p: Parameters) (orders: Indices, draw: CompressorDraw) (s: State) : State =
    let ends = LocalPass.gradients f p.Gamma orders s.X

    {
        X = Block.mean (p.Compressor.Apply draw ends)
    }

/// ‖x − x*‖².
let distance (f: IClientSum) (s: State) = Block.normSquared (s.X - f.Minimiser)

/// q = ρ(1 + 2ω/M).
let contraction (f: IClientSum) (p: Parameters) =
    rho f p.Gamma * (1.0 + 2.0 * QRR.omegaShare p.Compressor f)

/// σ_rad² over all orders where they are few, else its bound L·(1/M) Σ δ_m.
let radius (f: IClientSum) gamma =
    if f.Summands <= 5 then
        ShufflingRadius.local f gamma (ClientOrders.common f.Summands)
    else
        QRR.largest f * ShufflingRadius.delta f

/// 2γ²σ_rad²(1−ρ)/μ: what a local pass adds.
let passNoise (f: IClientSum) gamma =
    2.0 * gamma ** 2.0 * radius f gamma * (1.0 - rho f gamma) / QRR.convexity f

/// X = (1/M) Σ ‖x_m°‖², x_m° = x* − γ∇F_m(x*).
let modelSize (f: IClientSum) gamma =
    (Block.lanes (Block.meanNormSquared (LocalPass.frozenEnd f gamma)))[0]

/// What an epoch adds at most: (2ω/M)X + (1+2ω/M)·noise of a pass.
let epochNoise (f: IClientSum) (p: Parameters) (pass: float) =
    let share = QRR.omegaShare p.Compressor f
    2.0 * share * modelSize f p.Gamma + (1.0 + 2.0 * share) * pass

/// What an epoch costs a client: n gradients in n local steps, one compressed model.
let cost (compressor: Compressor) (gradients: float) (f: IClientSum) : Charge list = [
    Charge.each Counter.ComponentGradients (gradients * float f.Summands)
    Charge.each Counter.LocalSteps (float f.Summands)
    Charge.each Counter.Rounds 1.0
    Charge.each Counter.UplinkFloats (compressor.Floats f.Dimension)
    Charge.each Counter.UplinkBits (compressor.Bits f.Dimension)
    Charge.each Counter.DownlinkFloats (float f.Dimension)
]

let draw (f: IClientSum) (compressor: Compressor) : Draw<Outcome> =
    Draw.both (ClientOrders.independent f.Count f.Summands) (compressor.Draw f.Count f.Dimension)

let private conditions (f: IClientSum) (p: Parameters) = [
    Condition.positive "γ" p.Gamma
    Condition.atMost "γ" p.Gamma "1/L" (1.0 / QRR.largest f)
    Condition.atMost "ω" (omegaOf p.Compressor f.Dimension) "M(1−√ρ)/(2√ρ)" (largestOmega f p.Gamma)
]

/// q^T‖x_0−x*‖² + (1−q^T)·noise/(1−q).
let private bounds (x: 'S -> Block) (f: IClientSum) (p: Parameters) : RunBound<'S> list =
    let q = contraction f p

    [
        if q < 1.0 && QRR.convexity f > 0.0 && Conditions.met (conditions f p) then
            let floor = epochNoise f p (passNoise f p.Gamma) / (1.0 - q)

            {
                Bounds.linear "CE-FEDCRR.1: E‖x_T − x*‖²" true (fun s -> distance f { X = x s }) q with
                    Bound = fun k start -> q ** float k * start + (1.0 - q ** float k) * floor
            }
    ]

/// Fresh orders in every epoch.
let method: Method<IClientSum, Parameters, State, Outcome> = {
    Name = "FedCRR"
    Summary = "an epoch: every client passes through its functions in a fresh order; x⁺ = mean C(T_m(x; π_m))"
    Rule = parameters
    Conditions = conditions
    Draw = fun f p -> draw f p.Compressor
    Init = fun _ _ x0 -> { X = x0 }
    Step = step
    Output = fun s -> s.X
    Cost = fun f p _ -> cost p.Compressor 1.0 f
    // Compression and shuffling both move x*.
    FixedPoint = fun _ _ -> None
    Bounds = bounds (fun (s: State) -> s.X)
}

/// The model with the orders that a lane keeps.
type OnceState = {
    /// The server's model.
    X: Block
    /// The clients' orders as numbers, M × lanes × n; −1 before the first epoch.
    Order: Block
}

/// Orders drawn once and kept.
let once: Method<IClientSum, Parameters, OnceState, Outcome> = {
    Name = "FedCSO"
    Summary = "draw an order for each client once; every epoch x⁺ = mean C(T_m(x; π_m))"
    Rule = parameters
    Conditions = conditions
    Draw = fun f p -> draw f p.Compressor
    Init =
        fun f _ x0 -> {
            X = x0
            Order = ClientOrders.none f.Count x0.Lanes f.Summands
        }
    Step =
        fun f p (drawn, messages) s ->
            let orders, kept = ClientOrders.keptOr drawn s.Order
            let next = step f p (orders, messages) { X = s.X }
            { X = next.X; Order = kept }
    Output = fun s -> s.X
    Cost = fun f p _ -> cost p.Compressor 1.0 f
    FixedPoint = fun _ _ -> None
    Bounds = bounds (fun (s: OnceState) -> s.X)
}
