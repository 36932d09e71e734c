/// What the variants of DASHA-PP share: the state, what a participant sends, the theorem's stepsize and its potential.
///
/// Tyurin, Richtárik, "A Computation and Communication Efficient Method for Distributed Nonconvex Problems in the Partial
/// Participation Setting", NeurIPS 2023, arXiv 2205.15580.
/// Problem: f = (1/n) Σ f_i bounded below, f L-smooth, f_i L_i-smooth, L̂² = (1/n) Σ L_i²; client i takes part with
/// probability p_a, clients i and j both with p_aa ≤ p_a²; independent C_i ∈ U(ω).
module Theory.Algorithms.CommunicationEfficient.DashaParticipants

open Theory
open Theory.Numerics
open Theory.Algorithms
open Theory.Algorithms.CommunicationEfficient.Compressors
open Theory.Algorithms.CommunicationEfficient.CompressorCombinations

type State = {
    /// The iterate x.
    X: Block
    /// g_1 … g_n, whose mean is the direction of the step; the server knows them.
    G: Block
    /// h_1 … h_n, the clients' running estimates of their gradients.
    H: Block
}

/// The numbers that the theorem needs.
type Constants = {
    Clients: int
    /// Dimension d of the variable.
    Dimension: int
    /// L of f.
    Smoothness: float
    /// L̂ = √((1/n) Σ L_i²).
    MeanSquare: float
    /// L_max over single samples; 0 where full gradients are used.
    Largest: float
}

/// How clients take part and what they send.
[<NoComparison; NoEquality>]
type Sending = {
    Compressor: Compressor
    Participation: Participation
}

/// p_a of a law that treats all clients alike.
let shareOf (participation: Participation) = participation.Probabilities[0]

/// p_aa.
let pairOf (participation: Participation) =
    if participation.Probabilities.Length = 1 then
        0.0
    else
        participation.Joint 0 1

/// 1 − p_aa/p_a: 0 when all take part.
let private alone (participation: Participation) =
    if participation.Probabilities.Length = 1 then
        1.0 - shareOf participation
    else
        1.0 - pairOf participation / shareOf participation

/// a = p_a/(2ω+1).
let momentumA (sending: Sending) dimension =
    shareOf sending.Participation
    / (2.0 * omegaOf sending.Compressor dimension + 1.0)

/// b = p_a/(2−p_a).
let momentumB (participation: Participation) =
    shareOf participation / (2.0 - shareOf participation)

/// 1/(L+√R) with R = (factor·ω(2ω+1)/(np_a²))(L̂²+S) + (16/(np_a²q))((1−p_aa/p_a)L̂²+S), S = (1−q)L_max²/B: the theorem has the
/// factor 48; q = 1 is the setting of full gradients.
let stepsizeWith (factor: float) (c: Constants) (sending: Sending) (q: float) (batch: int) =
    let omega = omegaOf sending.Compressor c.Dimension
    let share = shareOf sending.Participation
    let scale = float c.Clients * share ** 2.0
    let square = c.MeanSquare ** 2.0
    let noise = (1.0 - q) * c.Largest ** 2.0 / float batch

    let r =
        factor * omega * (2.0 * omega + 1.0) / scale * (square + noise)
        + 16.0 / (scale * q) * (alone sending.Participation * square + noise)

    1.0 / (c.Smoothness + sqrt r)

/// The theorem's longest step.
let stepsize c sending q batch = stepsizeWith 48.0 c sending q batch

/// Participants take the increment k_i into h_i and send the compressed k_i/p_a − (a/p_a)(g_i − h_i), with the old g_i and h_i;
/// the others keep what they have.
let update
    (sending: Sending)
    (a: float)
    (takesPart: Mask, draw: CompressorDraw)
    (x: Block)
    (k: Block)
    (s: State)
    : State =
    let share = shareOf sending.Participation
    let m = sending.Compressor.Apply draw (k / share - (a / share) * (s.G - s.H))

    {
        X = x
        G = Block.choose takesPart (s.G + m) s.G
        H = Block.choose takesPart (s.H + k / share) s.H
    }

/// Weights of ‖g−h‖², (1/n)Σ‖g_i−h_i‖², ‖h−∇f‖² and (1/n)Σ‖h_i−∇f_i‖² in Φ, for a stepsize γ and the probability q of full
/// gradients: with them E Φ⁺ ≤ Φ − (γ/2)‖∇f(x)‖² whenever γ is at most the theorem's.
let private weights (sending: Sending) dimension gamma q =
    let omega = omegaOf sending.Compressor dimension
    let n = float sending.Participation.Probabilities.Length
    let share = shareOf sending.Participation
    let pair = share * (1.0 - alone sending.Participation)
    let a, b = momentumA sending dimension, momentumB sending.Participation
    let spreadH = (share - pair) / (n * share ** 2.0)
    let spreadG = ((2.0 * omega + 1.0) * share - pair) / (n * share ** 2.0)
    let meanG, ownG, meanH = gamma / a, gamma * spreadG, gamma / (q * b)

    meanG, ownG, meanH, 2.0 * b * (meanH * spreadH + 2.0 * omega / share * (meanG / n + ownG))

/// Φ = f − f* + κ‖g−h‖² + η·mean‖g_i−h_i‖² + ν‖h−∇f(x)‖² + ρ·mean‖h_i−∇f_i(x)‖².
let potential (gap: Block -> Block) (gradients: Block -> Block) (sending: Sending) gamma q (s: State) : Block =
    let meanG, ownG, meanH, ownH = weights sending s.X.Dimension gamma q
    let e, u = s.G - s.H, s.H - gradients s.X

    gap s.X
    + meanG * Block.normSquared (Block.mean e)
    + ownG * Block.meanNormSquared e
    + meanH * Block.normSquared (Block.mean u)
    + ownH * Block.meanNormSquared u

/// (1/T) Σ_{t<T} E‖∇f(x_t)‖² ≤ 2(f(x_0) − f*)/(γT) from g_i = h_i = ∇f_i(x_0).
let averagedBound name (gap: Block -> Block) (gradient: Block -> Block) (gamma: float) : RunBound<State> =
    Bounds.averaged name true (fun s -> Block.normSquared (gradient s.X)) (fun s -> gap s.X) (2.0 / gamma)

/// What every variant charges beside gradients: a round, a compressed vector of every participant, x⁺ to every participant.
let messages (sending: Sending) (dimension: int) (takesPart: Mask) : Charge list = [
    Charge.each Counter.Rounds 1.0
    Participation.charge Counter.Messages 1.0 takesPart
    Participation.chargeMean Counter.UplinkFloats (sending.Compressor.Floats dimension) takesPart
    Participation.chargeMean Counter.UplinkBits (sending.Compressor.Bits dimension) takesPart
    Participation.chargeMean Counter.DownlinkFloats (float dimension) takesPart
]
