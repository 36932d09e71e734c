/// Q-RR: random reshuffling with compressed gradients.
///
/// Sadiev, Malinovsky, Gorbunov, Sokolov, Khaled, Burlachenko, Richtárik, "Federated Optimization Algorithms with Random
/// Reshuffling and Gradient Compression", 2022, arXiv 2206.07021.
/// Problem: f = (1/(Mn)) Σ_m Σ_i f_m^i, every f_m^i L_{i,m}-smooth and μ̃-strongly convex; independent Q ∈ U(ω).
module Theory.Algorithms.CommunicationEfficient.QRR

open Theory
open Theory.Numerics
open Theory.Problems
open Theory.Algorithms
open Theory.Algorithms.CommunicationEfficient.Compressors
open Theory.Algorithms.CommunicationEfficient.CompressorCombinations

[<NoComparison; NoEquality>]
type Parameters = { Gamma: float; Compressor: Compressor }

/// Lmax over all summands.
let largest (f: IClientSum) = Array.max f.SummandSmoothnesses

/// μ̃, which every summand has.
let convexity (f: IClientSum) = Array.min f.SummandConvexities

/// ω/M.
let omegaShare (compressor: Compressor) (f: IClientSum) =
    omegaOf compressor f.Dimension / float f.Count

/// γ = 1/((1+2ω/M)Lmax).
let parametersFor (compressor: Compressor) (f: IClientSum) : Parameters = {
    Gamma = 1.0 / ((1.0 + 2.0 * omegaShare compressor f) * largest f)
    Compressor = compressor
}

type State = {
    /// The iterate at the end of an epoch.
    X: Block
}

/// An epoch's orders, and the compressors' outcomes at each of its steps.
type Outcome = Indices * CompressorDraw list

/// The clients' orders by the given law, and n outcomes of their compressors.
let drawWith (law: Draw<Indices>) (compressor: Compressor) steps (f: IClientSum) : Draw<Outcome> =
    Draw.both law (ClientOrders.repeat steps (compressor.Draw f.Count f.Dimension))

let draw (f: IClientSum) (compressor: Compressor) : Draw<Outcome> =
    drawWith (ClientOrders.independent f.Count f.Summands) compressor f.Summands f

/// An epoch: x ← x − (γ/M) Σ_m Q(∇f_m^{π_m^i}(x)) for i = 0 … n−1.
let step (f: IClientSum) (p: Parameters) (orders: Indices, draws: CompressorDraw list) (s: State) : State =
    let inner x (t, draw) =
        let i = ClientOrders.at f.Count t orders
        x - p.Gamma * Block.mean (p.Compressor.Apply draw (f.SummandGradientAt i x))

    {
        X = Seq.fold inner s.X (Seq.indexed draws)
    }

/// ‖x − x*‖².
let distance (f: IClientSum) (s: State) = Block.normSquared (s.X - f.Minimiser)

/// (1 − γμ̃)^n.
let contraction (f: IClientSum) (gamma: float) =
    (1.0 - gamma * convexity f) ** float f.Summands

/// σ_rad² over all orders where they are few, else its bound Lmax·u(n)·σ*²/M (CE-QRR.5b).
let radius (f: IClientSum) (gamma: float) =
    let law = ClientOrders.independent f.Count f.Summands

    if law.Count <= 2000.0 then
        ShufflingRadius.common f gamma law
    else
        largest f
        * ShufflingRadius.halfSpan f.Summands
        * ShufflingRadius.withinClients f
        / float f.Count

/// 2γ²σ_rad²/μ̃: what is left of shuffling.
let shufflingFloor (f: IClientSum) (gamma: float) =
    2.0 * gamma ** 2.0 * radius f gamma / convexity f

/// (2γω/(μ̃M))(ζ*² + σ*²): what is left of compression.
let compressionFloor (f: IClientSum) (p: Parameters) =
    2.0 * p.Gamma * omegaShare p.Compressor f / convexity f
    * (ShufflingRadius.betweenClients f + ShufflingRadius.withinClients f)

/// What an epoch of compressed gradient steps costs a client, each step a round.
let cost (compressor: Compressor) (f: IClientSum) : Charge list =
    let n, d = float f.Summands, f.Dimension

    [
        Charge.each Counter.ComponentGradients n
        Charge.each Counter.Rounds n
        Charge.each Counter.UplinkFloats (n * compressor.Floats d)
        Charge.each Counter.UplinkBits (n * compressor.Bits d)
        Charge.each Counter.DownlinkFloats (n * float d)
    ]

let private conditions (f: IClientSum) (p: Parameters) = [
    Condition.positive "γ" p.Gamma
    Condition.atMost "γ" p.Gamma "1/((1+2ω/M)Lmax)" (parametersFor p.Compressor f).Gamma
]

let methodWith (compressor: Compressor) : Method<IClientSum, Parameters, State, Outcome> = {
    Name = "Q-RR"
    Summary = "an epoch: draw an order π_m for each client; n times x ← x − γ·mean Q(∇f_m^{π_m^i}(x))"
    Rule = parametersFor compressor
    Conditions = conditions
    Draw = fun f p -> draw f p.Compressor
    Init = fun _ _ x0 -> { X = x0 }
    Step = step
    Output = fun s -> s.X
    Cost = fun f p _ -> cost p.Compressor f
    FixedPoint = fun _ _ -> None
    Bounds =
        fun f p -> [
            if convexity f > 0.0 && Conditions.met (conditions f p) then
                Bounds.linearToFloor
                    "CE-QRR.1: E‖x_T − x*‖²"
                    true
                    (distance f)
                    (contraction f p.Gamma)
                    (shufflingFloor f p.Gamma + compressionFloor f p)
        ]
}

/// With Rand-k, k a tenth of the dimension.
let method = {
    methodWith (randK 1) with
        Rule = fun f -> parametersFor (randK (tenth f.Dimension)) f
}
