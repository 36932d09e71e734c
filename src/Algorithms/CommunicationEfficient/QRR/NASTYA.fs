/// Q-NASTYA and DIANA-NASTYA: local passes, the mean gradient of a pass compressed, with and without shifts
/// (arXiv 2206.07021).
module Theory.Algorithms.CommunicationEfficient.NASTYA

open Theory
open Theory.Numerics
open Theory.Problems
open Theory.Algorithms
open Theory.Algorithms.CommunicationEfficient.Compressors
open Theory.Algorithms.CommunicationEfficient.CompressorCombinations

/// What an epoch draws: the clients' orders and the compressors' outcomes.
type Outcome = Indices * CompressorDraw

let draw (f: IClientSum) (compressor: Compressor) : Draw<Outcome> =
    Draw.both (ClientOrders.independent f.Count f.Summands) (compressor.Draw f.Count f.Dimension)

/// g_m = (x − x_m^n)/(γn), the mean gradient of client m's pass.
let passGradients (f: IClientSum) (gamma: float) orders (x: Block) : Block =
    (x - LocalPass.gradients f gamma orders x) / (gamma * float f.Summands)

/// (9/2)(γ²nLmax/μ)((n+1)ζ*² + σ*²): what is left of the local passes.
let passFloor (f: IClientSum) (gamma: float) =
    let n = float f.Summands

    4.5 * gamma ** 2.0 * n * QRR.largest f / f.StrongConvexity
    * ((n + 1.0) * ShufflingRadius.betweenClients f + ShufflingRadius.withinClients f)

/// 1 − ημ/2.
let contraction (f: IClientSum) (eta: float) = 1.0 - eta * f.StrongConvexity / 2.0

/// What an epoch costs a client: n gradients in n local steps, one compressed vector.
let cost (compressor: Compressor) (f: IClientSum) : Charge list = [
    Charge.each Counter.ComponentGradients (float f.Summands)
    Charge.each Counter.LocalSteps (float f.Summands)
    Charge.each Counter.Rounds 1.0
    Charge.each Counter.UplinkFloats (compressor.Floats f.Dimension)
    Charge.each Counter.UplinkBits (compressor.Bits f.Dimension)
    Charge.each Counter.DownlinkFloats (float f.Dimension)
]

// ---- Q-NASTYA ----------------------------------------------------------------------------------------------------

[<NoComparison; NoEquality>]
type PlainParameters = {
    /// Stepsize of the local passes.
    Gamma: float
    /// Stepsize of the server.
    Eta: float
    Compressor: Compressor
}

/// η = 1/(16Lmax(1+ω/M)), γ = 1/(5nLmax).
let plainParametersFor (compressor: Compressor) (f: IClientSum) : PlainParameters = {
    Gamma = 1.0 / (5.0 * float f.Summands * QRR.largest f)
    Eta = 1.0 / (16.0 * QRR.largest f * (1.0 + QRR.omegaShare compressor f))
    Compressor = compressor
}

type PlainState = {
    /// The server's iterate.
    X: Block
}

let plainStep
    (f: IClientSum)
    (p: PlainParameters)
    (orders: Indices, draw: CompressorDraw)
    (s: PlainState)
    : PlainState =
    let g = passGradients f p.Gamma orders s.X

    {
        X = s.X - p.Eta * Block.mean (p.Compressor.Apply draw g)
    }

/// ‖x − x*‖².
let distance (f: IClientSum) (s: PlainState) = Block.normSquared (s.X - f.Minimiser)

/// (8ηω/(μM))ζ*²: what is left of compression.
let compressionFloor (f: IClientSum) (p: PlainParameters) =
    8.0 * p.Eta * QRR.omegaShare p.Compressor f / f.StrongConvexity
    * ShufflingRadius.betweenClients f

let private plainConditions (f: IClientSum) (p: PlainParameters) =
    let rule = plainParametersFor p.Compressor f

    [
        Condition.positive "γ" p.Gamma
        Condition.atMost "γ" p.Gamma "1/(5nLmax)" rule.Gamma
        Condition.positive "η" p.Eta
        Condition.atMost "η" p.Eta "1/(16Lmax(1+ω/M))" rule.Eta
    ]

let plainWith (compressor: Compressor) : Method<IClientSum, PlainParameters, PlainState, Outcome> = {
    Name = "Q-NASTYA"
    Summary = "clients pass through their summands from x; g_m = (x − x_m^n)/(γn); x⁺ = x − η·mean Q(g_m)"
    Rule = plainParametersFor compressor
    Conditions = plainConditions
    Draw = fun f p -> draw f p.Compressor
    Init = fun _ _ x0 -> { X = x0 }
    Step = plainStep
    Output = fun s -> s.X
    Cost = fun f p _ -> cost p.Compressor f
    FixedPoint = fun _ _ -> None
    Bounds =
        fun f p -> [
            if f.StrongConvexity > 0.0 && Conditions.met (plainConditions f p) then
                Bounds.linearToFloor
                    "CE-QRR.3: E‖x_T − x*‖²"
                    true
                    (distance f)
                    (contraction f p.Eta)
                    (compressionFloor f p + passFloor f p.Gamma)
        ]
}

/// With Rand-k, k a tenth of the dimension.
let plain = {
    plainWith (randK 1) with
        Rule = fun f -> plainParametersFor (randK (tenth f.Dimension)) f
}

// ---- DIANA-NASTYA ------------------------------------------------------------------------------------------------

[<NoComparison; NoEquality>]
type Parameters = {
    /// Stepsize of the local passes.
    Gamma: float
    /// Stepsize of the server.
    Eta: float
    /// Stepsize of the shifts.
    Alpha: float
    Compressor: Compressor
}

/// The largest η for an α: min{α/(2μ), 1/(16Lmax(1+9ω/M))}.
let largestEta (compressor: Compressor) (f: IClientSum) (alpha: float) =
    let smooth =
        1.0 / (16.0 * QRR.largest f * (1.0 + 9.0 * QRR.omegaShare compressor f))

    if f.StrongConvexity > 0.0 then
        min (alpha / (2.0 * f.StrongConvexity)) smooth
    else
        smooth

/// α = 1/(1+ω), γ = 1/(16nLmax) and the largest η.
let parametersFor (compressor: Compressor) (f: IClientSum) : Parameters =
    let alpha = 1.0 / (1.0 + omegaOf compressor f.Dimension)

    {
        Gamma = 1.0 / (16.0 * float f.Summands * QRR.largest f)
        Eta = largestEta compressor f alpha
        Alpha = alpha
        Compressor = compressor
    }

type State = {
    /// The server's iterate.
    X: Block
    /// The shifts h_1 … h_M, which learn about ∇f_m(x*).
    H: Block
}

let init (f: IClientSum) (x0: Block) : State = {
    X = x0
    H = Block.zeros f.Count x0.Lanes f.Dimension
}

let step (f: IClientSum) (p: Parameters) (orders: Indices, draw: CompressorDraw) (s: State) : State =
    let q = p.Compressor.Apply draw (passGradients f p.Gamma orders s.X - s.H)

    {
        X = s.X - p.Eta * Block.mean (s.H + q)
        H = s.H + p.Alpha * q
    }

/// Ψ = ‖x−x*‖² + (8ωη²/(αM²)) Σ ‖h_m − ∇f_m(x*)‖².
let lyapunov (f: IClientSum) (p: Parameters) (s: State) =
    let scale =
        8.0 * omegaOf p.Compressor f.Dimension * p.Eta ** 2.0
        / (p.Alpha * float f.Count ** 2.0)

    Block.normSquared (s.X - f.Minimiser)
    + scale * Block.totalNormSquared (s.H - f.Gradients f.Minimiser)

let private conditions (f: IClientSum) (p: Parameters) = [
    Condition.positive "γ" p.Gamma
    Condition.atMost "γ" p.Gamma "1/(16nLmax)" (parametersFor p.Compressor f).Gamma
    Condition.positive "η" p.Eta
    Condition.atMost "η" p.Eta "min{α/(2μ), 1/(16Lmax(1+9ω/M))}" (largestEta p.Compressor f p.Alpha)
    Condition.positive "α" p.Alpha
    Condition.atMost "α" p.Alpha "1/(1+ω)" (1.0 / (1.0 + omegaOf p.Compressor f.Dimension))
]

let methodWith (compressor: Compressor) : Method<IClientSum, Parameters, State, Outcome> = {
    Name = "DIANA-NASTYA"
    Summary =
        "clients pass through their summands from x; q_m = Q(g_m − h_m), x⁺ = x − η·mean(h_m + q_m), h_m⁺ = h_m + αq_m"
    Rule = parametersFor compressor
    Conditions = conditions
    Draw = fun f p -> draw f p.Compressor
    Init = fun f _ x0 -> init f x0
    Step = step
    Output = fun s -> s.X
    Cost = fun f p _ -> cost p.Compressor f
    FixedPoint = fun _ _ -> None
    Bounds =
        fun f p -> [
            if f.StrongConvexity > 0.0 && Conditions.met (conditions f p) then
                Bounds.linearToFloor "CE-QRR.4: E Ψ_T" true (lyapunov f p) (contraction f p.Eta) (passFloor f p.Gamma)
        ]
}

/// With Rand-k, k a tenth of the dimension.
let method = {
    methodWith (randK 1) with
        Rule = fun f -> parametersFor (randK (tenth f.Dimension)) f
}
