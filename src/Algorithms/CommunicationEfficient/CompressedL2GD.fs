/// L2GD with compressed communication in both directions.
///
/// Bergou, Burlachenko, Dutta, Richtárik, "Personalized Federated Learning with Communication Compression", TMLR 2023,
/// arXiv 2209.05148. Problem: as L2GD; unbiased compressors Q_1 … Q_n of the devices and Q_M of the master.
module Theory.Algorithms.CommunicationEfficient.CompressedL2GD

open Theory
open Theory.Numerics
open Theory.Problems
open Theory.Algorithms
open Theory.Algorithms.CommunicationEfficient.Compressors
open Theory.Algorithms.CommunicationEfficient.CompressorCombinations

[<NoComparison; NoEquality>]
type Parameters = {
    Eta: float
    /// Probability of a step towards the received mean ȳ.
    P: float
    /// Q_i.
    Device: Compressor
    /// Q_M.
    Master: Compressor
}

/// η and p as L2GD's step sees them.
let uncompressed (p: Parameters) : L2GD.Parameters = { Eta = p.Eta; P = p.P }

/// Ω = ω_M + (1+ω_M)ω/n.
let totalOmega (f: IPersonalisedSum) (device: Compressor) (master: Compressor) =
    let omega = omegaOf device f.Dimension
    let omegaM = omegaOf master f.Dimension
    omegaM + (1.0 + omegaM) * omega / float f.Count

/// 𝒜 = ℒ + λ²Ω/(npμ).
let expectedSmoothness (f: IPersonalisedSum) (p: float) (device: Compressor) (master: Compressor) =
    let extra =
        if f.Lambda = 0.0 then
            0.0
        else
            f.Lambda * f.Lambda * totalOmega f device master
            / (float f.Count * p * L2GD.convexity f)

    L2GD.expectedSmoothness f p + extra

/// p = λ/(L+λ) and η = 1/(2𝒜).
let parametersFor (device: Compressor) (master: Compressor) (f: IPersonalisedSum) : Parameters =
    let p = L2GD.bestP f

    {
        Eta = 1.0 / (2.0 * expectedSmoothness f p device master)
        P = p
        Device = device
        Master = master
    }

type State = {
    /// The clients' models x_1 … x_n.
    X: Block
    /// ȳ, the mean as it was last received.
    Received: Block
    /// 1 when the last coin was heads, else 0: 1 × lanes × 1.
    Previous: Block
    /// Communications so far: 1 × lanes × 1.
    Communications: Block
}

let init (f: IPersonalisedSum) (x0: Block) : State =
    let s = L2GD.init f x0

    {
        X = s.X
        Received = x0
        Previous = s.Previous
        Communications = s.Communications
    }

/// What one step draws: the coin, and the compressors of the devices and of the master.
type Drawn = Mask * (CompressorDraw * CompressorDraw)

/// ȳ = Q_M((1/n) Σ Q_i(x_i)).
let receive (p: Parameters) (devices: CompressorDraw, master: CompressorDraw) (x: Block) : Block =
    p.Master.Apply master (Block.mean (p.Device.Apply devices x))

let private towards (f: IPersonalisedSum) (p: Parameters) (y: Block) (x: Block) =
    x - L2GD.pull f (uncompressed p) * (x - y)

/// As the paper has it: devices send at a heads that follows tails; at heads after heads the received ȳ is used again.
let step (f: IPersonalisedSum) (p: Parameters) (xi: Mask, draws) (s: State) : State =
    let again = Mask(1, s.Previous.Lanes, s.Previous.ToArray() |> Array.map ((=) 1.0))
    let y = Block.choose again s.Received (receive p draws s.X)
    let coin = L2GD.heads xi s.Previous

    {
        X = Block.choose xi (towards f p y s.X) (L2GD.localStep f (uncompressed p) s.X)
        Received = Block.choose xi y s.Received
        Previous = coin
        Communications = L2GD.counted coin s.Previous s.Communications
    }

/// With a new ȳ at every heads: the form that the analysis covers.
let freshStep (f: IPersonalisedSum) (p: Parameters) (xi: Mask, draws) (s: State) : State =
    let y = receive p draws s.X
    let coin = L2GD.heads xi s.Previous

    {
        X = Block.choose xi (towards f p y s.X) (L2GD.localStep f (uncompressed p) s.X)
        Received = Block.choose xi y s.Received
        Previous = coin
        Communications = s.Communications + coin
    }

/// S = E‖G(x*)‖², the stochastic gradient's second moment at the solution, by L2GD's σ² and the error of ȳ:
/// E‖ȳ−x̄‖² = ω_M‖x̄‖² + (1+ω_M)(ω/n²) Σ‖x_i‖² at most, for each of n clients, in heads.
let variance (f: IPersonalisedSum) (p: Parameters) : float =
    let x, n = f.PersonalSolution, float f.Count
    let omega, omegaM = omegaOf p.Device f.Dimension, omegaOf p.Master f.Dimension

    let total (b: Block) =
        (Block.lanes (Block.totalNormSquared b))[0]

    let error =
        omegaM * total (Block.mean x) + (1.0 + omegaM) * omega / (n * n) * total x

    let pull = if f.Lambda = 0.0 then 0.0 else f.Lambda * f.Lambda / p.P
    L2GD.variance f (uncompressed p) + pull / n * error

/// The conditions of the analysis.
let conditions (f: IPersonalisedSum) (p: Parameters) = [
    L2GD.probability f p.P
    Condition.positive "η" p.Eta
    Condition.atMost "η" p.Eta "1/(2𝒜)" (1.0 / (2.0 * expectedSmoothness f p.P p.Device p.Master))
]

/// The account of a communication that heads have with the given probability.
let private cost probability (f: IPersonalisedSum) (p: Parameters) (xi: Mask, _) =
    let expected counter amount =
        Charge.whenHeads counter (probability * amount) xi

    L2GD.account xi [
        expected Counter.Rounds 1.0
        expected Counter.UplinkFloats (p.Device.Floats f.Dimension)
        expected Counter.UplinkBits (p.Device.Bits f.Dimension)
        expected Counter.DownlinkFloats (p.Master.Floats f.Dimension)
        expected Counter.DownlinkBits (p.Master.Bits f.Dimension)
    ]

/// With the received mean used again; no bound is known for it, see CE-L2GD.6.
let methodWith (device: Compressor) (master: Compressor) : Method<IPersonalisedSum, Parameters, State, Drawn> = {
    Name = "CL2GD"
    Summary =
        "L2GD whose heads after tails send Q_i(x_i) and receive ȳ = Q_M(mean Q_i(x_i)); heads after heads use ȳ again"
    Rule = parametersFor device master
    Conditions = conditions
    Draw =
        fun f p ->
            Draw.both (Draw.coin p.P) (Draw.both (p.Device.Draw f.Count f.Dimension) (p.Master.Draw 1 f.Dimension))
    Init = fun f _ x0 -> init f x0
    Step = step
    Output = fun s -> Block.mean s.X
    // As in L2GD, heads are charged the probability 1 − p that tails came before.
    Cost = fun f p drawn -> cost (1.0 - p.P) f p drawn
    FixedPoint = fun _ _ -> None
    Bounds = fun _ _ -> []
}

/// With a new ȳ at every heads.
let freshWith (device: Compressor) (master: Compressor) : Method<IPersonalisedSum, Parameters, State, Drawn> = {
    methodWith device master with
        Name = "CL2GD-fresh"
        Summary = "L2GD whose heads all send Q_i(x_i) and receive ȳ = Q_M(mean Q_i(x_i))"
        Step = freshStep
        Cost = cost 1.0
        Bounds =
            fun f p -> [
                if L2GD.convexity f > 0.0 && conditions f p |> List.forall (fun c -> c.Holds) then
                    Bounds.linearToFloor
                        "CE-L2GD.4: E‖x_k−x*‖²"
                        true
                        (fun (s: State) -> L2GD.distance f s.X)
                        (L2GD.contraction f p.Eta)
                        (L2GD.floor f p.Eta (variance f p))
            ]
}

let private tenths (f: IPersonalisedSum) =
    let compressor = randK (tenth f.Dimension)
    parametersFor compressor compressor f

/// With Rand-k in both directions, k a tenth of the dimension.
let method = {
    methodWith identity identity with
        Rule = tenths
}

/// The same with a new ȳ at every heads.
let fresh = {
    freshWith identity identity with
        Rule = tenths
}
